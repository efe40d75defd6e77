import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { selfSigned, startSandbox } from '../sandbox';
import { failed } from '../support/items';
import { runJobContinuing, type Job } from '../support/runs';
import { contextSending } from '../support/surroundings';
import { virtualClock } from '../support/virtualClock';

/* A host whose certificate n8n does not accept: nothing was sent, and it says whose certificate it is and who can mend it. */

const trusted = getCACertificates('default');
afterAll(() => setDefaultCACertificates(trusted));

const LONG_AGO = Date.parse('2020-01-01T00:00:00Z');
const MUCH_LATER = Date.parse('2049-01-01T00:00:00Z');

async function refusedBy(tls: ReturnType<typeof selfSigned>, isTrusted: boolean, job: Job = {}) {
	setDefaultCACertificates(isTrusted ? [...trusted, tls.cert] : [...trusted]);
	const sandbox = await startSandbox({ tls });
	try {
		const told = failed(await runJobContinuing(sandbox, { clock: virtualClock({ sandbox }), ...job }));
		expect([told.outcome, sandbox.journal.all]).toEqual(['not_done', []]);
		expect(told.next_step).toContain(String(told.code));
		return told;
	} finally {
		await sandbox.stop();
	}
}

test('an authority that n8n does not know: NODE_EXTRA_CA_CERTS is the way', async () => {
	const { message, next_step: next, code } = await refusedBy(selfSigned(), false);
	expect([message, code]).toEqual(['n8n does not trust the certificate of 127.0.0.1, so nothing was sent', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
	expect(next).toMatch(/NODE_EXTRA_CA_CERTS of n8n.*Base URL/);
	expect(next).not.toMatch(/network/);
});

test('also where a Request ID is asked about first', async () => {
	const { message } = await refusedBy(selfSigned(), false, { options: { requestId: '0192f3a1-7c1e-7d55-9f0a-3f2b8f5f7a10' } });
	expect(message).toBe('n8n does not trust the certificate of 127.0.0.1, so nothing was sent');
});

test.each([
	['expired', LONG_AGO, 'CERT_HAS_EXPIRED', 'has expired'],
	['not valid yet', MUCH_LATER, 'CERT_NOT_YET_VALID', 'is not valid yet'],
])('a certificate that is %s', async (_what, from, expected, words) => {
	const { message, next_step: next, code } = await refusedBy(selfSigned(undefined, from), true);
	expect([message, code]).toEqual([`The certificate of 127.0.0.1 ${words}, so nothing was sent`, expected]);
	expect(next).toMatch(/date and time of the machine.*renew/);
});

test('a certificate for another host', async () => {
	const { message, next_step: next, code } = await refusedBy(selfSigned([10, 1, 2, 3]), true);
	expect([message, code]).toEqual(['The certificate of 127.0.0.1 is for another host name, so nothing was sent', 'ERR_TLS_CERT_ALTNAME_INVALID']);
	expect(next).toMatch(/Base URL/);
});

test.each(['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED'])('%s is an authority that n8n does not know', async (code) => {
	const surroundings: Job['surroundings'] = (context) => contextSending(context, () => Promise.reject(Object.assign(new Error('no'), { code })));
	const { message, next_step: next } = await refusedBy(selfSigned(), true, { surroundings });
	expect(message).toMatch(/^n8n does not trust the certificate of 127\.0\.0\.1/);
	expect(next).toMatch(/NODE_EXTRA_CA_CERTS/);
});
