import { answer, sampleAnswer } from '../answers';
import type { Method } from '../define';
import { cardId, encryptedPin } from '../fields';

export const setPin: Method = {
	resource: 'card',
	operation: 'setPin',
	name: 'Set PIN',
	action: 'Set a new PIN for a card (replaces the old one)',
	description:
		'Set a new PIN for a card, which replaces the old one. Without an encrypted PIN, FreedomPay generates one. The request has no request ID, so FreedomPay cannot tell a repeat: after an unknown outcome the node does not send it again.',
	path: '/v5/card-api/card/set_pin',
	source: 'https://docs.freedompay.kz/api-12075062',
	kind: 'command',
	requestId: 'none',
	answers: 'request',
	fields: [
		cardId,
		encryptedPin({
			key: 'pin',
			label: 'PIN (Encrypted)',
			description:
				'PIN that is encrypted already, handed on as it is. A plain PIN is refused. If left empty, FreedomPay generates the PIN. How to encrypt is for FreedomPay to say: its page names both a public key and AES-256, which do not agree.',
		}),
	],
	ids: ['card_id'],
	identity: ['card_id', 'pin'],
	answer: answer(),
	sample: { request: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95' }, answer: sampleAnswer },
};
