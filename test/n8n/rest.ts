/** Who signs in to the n8n of `npm start`; it listens on this machine only. */
export const OWNER = { email: 'owner@example.com', password: 'FreedomPay1', firstName: 'Card', lastName: 'Operator' };

/** n8n's answer to a refused request. */
export class RestError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

/** What n8n tells of a workflow that it has. */
export interface StoredWorkflow {
	id: string;
	name: string;
	versionId: string;
}

/** What n8n tells of a credential that it has. */
export interface StoredCredential {
	id: string;
	name: string;
	type: string;
}

/** The REST interface that n8n's editor uses. What it answers is n8n's own: the caller says what that is. */
export class RestClient {
	/** n8n's address. */
	readonly url: string;

	/** n8n ties a session to the browser that signed in. */
	readonly #headers: Record<string, string> = { 'browser-id': 'n8n-nodes-freedompay' };

	/** @param url n8n's address */
	constructor(url: string) {
		this.url = url;
	}

	/** Whether n8n has started and its database is ready. Older versions say so before they have this interface. */
	async isReady(): Promise<boolean> {
		try {
			return (await fetch(`${this.url}/healthz/readiness`)).ok && (await fetch(`${this.url}/rest/settings`)).ok;
		} catch {
			return false;
		}
	}

	/** Signs in as the owner, who is made at the first start. */
	async signIn(): Promise<void> {
		const settings = await this.request<{ userManagement: { showSetupOnFirstLoad: boolean } }>('GET', '/settings');
		if (settings.userManagement.showSetupOnFirstLoad) {
			await this.request('POST', '/owner/setup', OWNER);
		} else {
			await this.request('POST', '/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
		}
	}

	/**
	 * Asks n8n.
	 *
	 * @param path below /rest
	 * @returns the answer's `data`
	 * @throws {RestError} when n8n refuses
	 */
	async request<Data = unknown>(method: string, path: string, body?: unknown): Promise<Data> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
		if (cookies.length > 0) this.#headers.cookie = cookies.join('; ');
		const answer = (await response.json().catch(() => ({}))) as { data: Data; message?: string };
		if (!response.ok) throw new RestError(response.status, `${method} ${path}: ${answer.message ?? response.statusText}`);
		return answer.data;
	}

	/**
	 * Reads one of the files that the editor loads once signed in.
	 *
	 * @returns what is in it
	 * @throws {RestError} when n8n refuses
	 */
	async file<Content = unknown>(path: string): Promise<Content> {
		const response = await fetch(`${this.url}${path}`, { headers: this.#headers });
		if (!response.ok) throw new RestError(response.status, `GET ${path}: ${response.statusText}`);
		return (await response.json()) as Content;
	}

	/** As `request` for reading, but undefined where n8n knows no such thing. */
	async find<Data = unknown>(path: string): Promise<Data | undefined> {
		try {
			return await this.request<Data>('GET', path);
		} catch (error) {
			if (error instanceof RestError && error.status === 404) return undefined;
			throw error;
		}
	}
}
