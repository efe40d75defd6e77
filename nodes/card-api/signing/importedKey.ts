import type { CryptoKey } from 'jose';

import { ALGORITHMS, type Signer } from './detachedJws';

type Secret = Pick<Signer, 'partnerKey' | 'algorithm'>;

/** By the credential's fields, as n8n handed them over: for as long as it hands over the same ones, which a run of the node makes it do. */
const imported = new WeakMap<object, Secret & { key: Promise<CryptoKey> }>();

/**
 * Imports the key of a credential for HMAC, once for as long as its fields live and do not change: importing costs as much as signing.
 * @param fields the credential's fields, as n8n handed them over
 * @throws when the key is empty
 */
export async function importedKey(fields: object, { partnerKey, algorithm }: Secret): Promise<CryptoKey> {
	const known = imported.get(fields);
	if (known !== undefined && known.partnerKey === partnerKey && known.algorithm === algorithm) return await known.key;
	const key = crypto.subtle.importKey('raw', new TextEncoder().encode(partnerKey), { name: 'HMAC', hash: ALGORITHMS[algorithm].hash }, false, ['sign']);
	imported.set(fields, { partnerKey, algorithm, key });
	return await key;
}
