import { randomUUID } from 'node:crypto';

import { CLOSE, LINK, STATUS } from '../support/paths';
import { parsed, sign, useClient } from './client';

/* Which requests the sandbox takes for signed. */

const { close, sandbox, send, start } = useClient();

const VECTOR = {
	body: '{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}',
	signature:
		'eyJ1cmkiOiIvdjUvY2FyZC1hcGkvcmVxdWVzdC9zdGF0dXMiLCJhdXRoX2lkIjoiMTIzNDU2IiwibWV0aG9kIjoiUE9TVCIsInBhcmFtcyI6IiIsImFsZyI6IkhTNTEyIn0..f1sQoeIpX_ZjOaykQzSeylvvKaVrEQV4gNM2ACFbEMkFDUV9Zk5WO1yQGEWez-vnQMVHodLBDVEyh5Xm2-3MjQ',
};

it('accepts the published vector', async () => {
	await start();
	const answer = await send(STATUS, VECTOR.body, { signature: VECTOR.signature });
	expect(answer.status).toBe(200);
	expect(answer.json.error_code).toBe(1006);
	expect(sandbox.journal.all[0]).toMatchObject({
		signatureVerified: true,
		signature: { algorithm: 'HS512' },
		rawBody: Buffer.from(VECTOR.body),
	});
});

it('accepts HS256 with its header in another order', async () => {
	await start();
	const answer = await close('card-1001', randomUUID(), { alg: 'HS256', header: { typ: 'JWT' } });
	expect(answer.json.request_status).toBe('success');
	expect(sandbox.journal.all[0]?.signature).toEqual({ verified: true, algorithm: 'HS256' });
});

it('verifies the bytes as they came, not the JSON that they mean', async () => {
	await start();
	const body = `{ "card_id":"card-1001",\n"description":"\\u043f \u2028 \u{1f4b3} e\u0301", "request_id":"${randomUUID()}" }`;
	expect((await send(CLOSE, body)).json.request_status).toBe('success');
	const respaced = JSON.stringify(parsed(body));
	expect((await send(CLOSE, respaced, { signature: await sign(CLOSE, body) })).status).toBe(401);
});

it('knows the query string as params', async () => {
	await start();
	const body = JSON.stringify({ request_id: randomUUID() });
	const signed = await send(STATUS, body, { query: '?a=1&b=%20', header: { params: 'a=1&b=%20' } });
	const unsigned = await send(STATUS, body, { query: '?a=1&b=%20' });
	expect([signed.status, unsigned.status]).toEqual([200, 401]);
});

const body = JSON.stringify({ request_id: randomUUID(), card_id: 'card-1001', description: 'lost' });
const attached = async () => {
	const [header, , signature] = (await sign(CLOSE, body)).split('.');
	return `${header}.${Buffer.from(body).toString('base64url')}.${signature}`;
};
const unsecured = () =>
	`${Buffer.from(JSON.stringify({ uri: CLOSE, auth_id: '123456', method: 'POST', params: '', alg: 'none' })).toString('base64url')}..`;
it.each<[string, () => Promise<string> | string]>([
	['a tampered body', async () => await sign(CLOSE, body.replace('1001', '1002'))],
	['another key', async () => await sign(CLOSE, body, { key: 'secret ' })],
	['another algorithm', async () => await sign(CLOSE, body, { alg: 'HS384' })],
	['another path', async () => await sign(LINK, body)],
	['another auth_id', async () => await sign(CLOSE, body, { header: { auth_id: '123457' } })],
	['another method', async () => await sign(CLOSE, body, { header: { method: 'GET' } })],
	['a query that is not there', async () => await sign(CLOSE, body, { header: { params: 'a=1' } })],
	['an attached payload', attached],
	['no algorithm', unsecured],
	['no header', () => ''],
	['something else', () => 'a.b'],
])('refuses %s without acting', async (_case, signature) => {
	await start();
	const answer = await send(CLOSE, body, { signature: await signature() });
	expect(answer.status).toBe(401);
	expect(answer.json.status).toBe('error');
	expect(sandbox.journal.all).toMatchObject([{ signatureVerified: false, acted: false, status: 401 }]);
	expect(sandbox.ledger.all).toEqual([]);
	expect(sandbox.state().cards['card-1001']?.status).toBe('active');
});
