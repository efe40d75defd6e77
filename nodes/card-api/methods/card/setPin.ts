import { answer, sampleAnswer } from '../answers';
import type { OneTimeCommand } from '../define';
import { cardId, encryptedPin } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';

export const setPin: OneTimeCommand = {
	resource: 'card',
	operation: 'setPin',
	name: 'Set PIN',
	action: 'Replace the PIN of a card',
	description: 'Replace the PIN of a card by an encrypted one, or by one that FreedomPay generates',
	path: '/v5/card-api/card/set_pin',
	source: 'https://docs.freedompay.kz/api-12075062',
	is: 'oneTimeCommand',
	answers: 'request',
	fields: [
		cardId,
		encryptedPin({
			key: 'pin',
			label: 'PIN (Encrypted)',
			description: 'PIN that is encrypted as agreed with FreedomPay. A plain PIN is refused. If left empty, FreedomPay generates one.',
		}),
	],
	ids: ['card_id'],
	identity: ['card_id', 'pin'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [],
	ifUnknown: 'Do not repeat it blindly: it has no request ID, so FreedomPay cannot tell a repeat. Ask FreedomPay, or check the card first.',
	ifAccepted: 'Ask FreedomPay about it later, or check the card.',
	answer: answer(),
	notice: 'The old PIN stops working. After an unknown outcome the request is never sent again, as it has no request ID.',
	sample: { request: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95' }, answer: sampleAnswer },
};

export const inSandbox: SandboxCommand = { needs: ['card'] };

export const inDocs: InDocs = {
	russian: 'просит Freedom Pay сгенерировать ПИН-код или передаёт зашифрованный',
	foundBy: ['PIN'],
	title: 'Set PIN',
	input: { card_id: 'card-1003' },
	parameters: { cardId: '={{ $json.card_id }}' },
};
