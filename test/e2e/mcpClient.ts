const PROTOCOL = '2025-06-18';

/**
 * Connects to a server that speaks the Model Context Protocol over streamable HTTP.
 *
 * @param {string} url
 * @see https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */
export async function connectMcp(url) {
	let session;
	let requests = 0;

	async function post(message) {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				...(session && { 'mcp-session-id': session, 'mcp-protocol-version': PROTOCOL }),
			},
			body: JSON.stringify({ jsonrpc: '2.0', ...message }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`The MCP server refuses ${message.method} (HTTP ${response.status}): ${text}`);
		session ??= response.headers.get('mcp-session-id') ?? undefined;
		return text;
	}

	async function request(method, params) {
		requests += 1;
		const id = requests;
		const answer = messagesIn(await post({ id, method, params })).find((message) => message.id === id);
		if (answer?.result === undefined) throw new Error(`The MCP server answers ${method} with ${JSON.stringify(answer)}`);
		return answer.result;
	}

	await request('initialize', { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } });
	await post({ method: 'notifications/initialized' });
	return {
		/** @returns {Promise<any[]>} the tools that it offers */
		tools: async () => (await request('tools/list', {})).tools,
		/**
		 * @param {string} name of a tool
		 * @param {object} args
		 * @returns {Promise<{ isError: boolean, text: string }>} what a model is told
		 */
		async call(name, args) {
			const { isError = false, content } = await request('tools/call', { name, arguments: args });
			return { isError, text: content.map(({ text }) => text).join('\n') };
		},
	};
}

/** The messages of an answer, which is JSON or a stream of events. */
function messagesIn(text) {
	if (text.startsWith('{')) return [JSON.parse(text)];
	return [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json));
}
