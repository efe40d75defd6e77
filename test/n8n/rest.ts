/** Who signs in to the n8n of `npm start`; it listens on this machine only. */
export const OWNER = { email: 'owner@example.com', password: 'FreedomPay1', firstName: 'Card', lastName: 'Operator' };

/** n8n's answer to a refused request. */
export class RestError extends Error {
	/**
	 * @param {number} status
	 * @param {string} message
	 */
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

/** The REST interface that n8n's editor uses. */
export class RestClient {
	/** n8n ties a session to the browser that signed in. */
	#headers = { 'browser-id': 'n8n-nodes-freedompay' };

	/** @param {string} url n8n's address */
	constructor(url) {
		this.url = url;
	}

	/** Whether n8n has started and its database is ready. Older versions say so before they have this interface. */
	async isReady() {
		try {
			return (await fetch(`${this.url}/healthz/readiness`)).ok && (await fetch(`${this.url}/rest/settings`)).ok;
		} catch {
			return false;
		}
	}

	/** Signs in as the owner, who is made at the first start. */
	async signIn() {
		const settings = await this.request('GET', '/settings');
		if (settings.userManagement.showSetupOnFirstLoad) {
			await this.request('POST', '/owner/setup', OWNER);
		} else {
			await this.request('POST', '/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
		}
	}

	/**
	 * @param {string} method
	 * @param {string} path below /rest
	 * @param {unknown} [body]
	 * @returns {Promise<any>} the answer's `data`
	 * @throws {RestError} when n8n refuses
	 */
	async request(method, path, body) {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
		if (cookies.length > 0) this.#headers.cookie = cookies.join('; ');
		const answer = await response.json().catch(() => ({}));
		if (!response.ok) throw new RestError(response.status, `${method} ${path}: ${answer.message ?? response.statusText}`);
		return answer.data;
	}

	/**
	 * Reads one of the files that the editor loads once signed in.
	 *
	 * @param {string} path
	 * @returns {Promise<any>} what is in it
	 */
	async file(path) {
		const response = await fetch(`${this.url}${path}`, { headers: this.#headers });
		if (!response.ok) throw new RestError(response.status, `GET ${path}: ${response.statusText}`);
		return await response.json();
	}

	/**
	 * As `request`, but undefined where n8n knows no such thing.
	 *
	 * @param {string} path
	 */
	async find(path) {
		try {
			return await this.request('GET', path);
		} catch (error) {
			if (error.status === 404) return undefined;
			throw error;
		}
	}
}
