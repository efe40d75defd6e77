import { CREDENTIAL } from '../n8n/examples.ts';
import type { CredentialData } from '../n8n/sandbox.ts';
import type { Playground } from './playground.ts';

/** Gives the credential of the example workflows the sandbox's fields, but for those that are to differ. */
export async function changeCredential({ host, sandbox }: Pick<Playground, 'host' | 'sandbox'>, data: Partial<CredentialData>): Promise<void> {
	const { id, name, type } = CREDENTIAL;
	await host.rest.request('PATCH', `/credentials/${id}`, { name, type, data: { ...sandbox.credential, ...data } });
}
