import { FlattenedSign } from 'jose';
import { Pool } from 'undici';

import { CLOSE_PATH, type Answered, type ProgramSubject } from './subject';

/** A bare pool of connections that stay open, without n8n: the limit that the network sets. */
export const pool: ProgramSubject = ({ parallel }, { baseUrl, authId, partnerKey }) => {
	const key = new TextEncoder().encode(partnerKey);
	const connections = new Pool(baseUrl, { connections: parallel, pipelining: 1 });
	const header = { uri: CLOSE_PATH, auth_id: authId, method: 'POST', params: '', alg: 'HS512' };

	return async (commands) => {
		const answers = new Array<Answered>(commands.length);
		let next = 0;
		const sendInTurn = async () => {
			for (let item = next++; item < commands.length; item = next++) {
				const body = Buffer.from(JSON.stringify(commands[item]));
				const jws = await new FlattenedSign(body).setProtectedHeader(header).sign(key);
				const headers = { 'content-type': 'application/json', 'x-jws-signature': `${jws.protected}..${jws.signature}` };
				const response = await connections.request({ method: 'POST', path: CLOSE_PATH, headers, body });
				answers[item] = (await response.body.json()) as Answered;
			}
		};
		await Promise.all(Array.from({ length: parallel }, sendInTurn));
		return answers;
	};
};
