import type { CredentialData } from '../n8n/sandbox.ts';
import type { Editor } from './editor.ts';

/** The shown names of the credential's type and the node. */
export const CREDENTIAL_TYPE = 'FreedomPay API';
export const NODE = 'FreedomPay Card';
/** What the node creator calls closing a card, and hence the node that it adds. */
export const CLOSE = 'Close a card for good';

/** The trigger that n8n puts before a first node by itself. */
const TRIGGER = 'When clicking ‘Execute workflow’';

/** Something that a user does, by the name of its picture. */
export interface Step {
	name: string;
	act: () => Promise<void>;
}

/**
 * From nothing to a closed card, as the README tells it in five steps.
 *
 * @param card the card to close
 * @returns its steps, to be done in their order
 */
export function firstWorkflow(editor: Editor, { baseUrl, authId, partnerKey }: CredentialData, card: string): Step[] {
	return [
		{
			name: '1-search',
			async act() {
				await editor.openNew();
				await editor.openCreator();
				await (await editor.search('close card')).filter({ hasText: NODE }).waitFor();
			},
		},
		{
			name: '2-credential',
			async act() {
				await editor.pick(NODE);
				await editor.openCategory('Actions');
				await editor.chooseAction(CLOSE);
				await editor.newCredentialOfNode();
				await editor.choose('environment', 'Custom');
				await editor.fill('baseUrl', baseUrl);
				await editor.fill('authId', authId);
				await editor.fill('partnerKey', partnerKey);
			},
		},
		{
			name: '3-fields',
			async act() {
				await editor.saveCredentialOfNode();
				await editor.closePanel();
				await editor.openPanel(TRIGGER);
				await editor.setMockData([{ card_id: card, reason: 'Lost by the cardholder', event_id: 'evt-17' }]);
				await editor.closePanel();
				await editor.openPanel(CLOSE);
				await editor.map('card_id', 'cardId');
				await editor.map('reason', 'reason');
				await editor.map('event_id', 'eventId');
			},
		},
		{
			name: '4-execute',
			act: () => editor.executeStep(),
		},
		{
			name: '5-output',
			act: () => editor.click(editor.output.getByTestId('radio-button-json')),
		},
	];
}
