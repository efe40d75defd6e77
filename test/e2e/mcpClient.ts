const PROTOCOL = '2025-06-18';

/** A tool that an MCP server offers. */
export interface McpTool {
	name: string;
	description: string;
	inputSchema: { properties: Record<string, unknown> };
}

/** What a model is told of a call. */
export interface McpAnswer {
	isError: boolean;
	text: string;
}

/** A connection to an MCP server. */
export interface McpClient {
	/** The tools that it offers. */
	tools: () => Promise<McpTool[]>;
	/** Calls a tool by its name. */
	call: (name: string, args: object) => Promise<McpAnswer>;
}

interface Message {
	id?: number;
	method?: string;
	params?: object;
	result?: unknown;
}

/**
 * Connects to a server that speaks the Model Context Protocol over streamable HTTP.
 *
 * @see https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */
export async function connectMcp(url: string): Promise<McpClient> {
	let session: string | undefined;
	let requests = 0;

	async function post(message: Message): Promise<string> {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': PROTOCOL }),
			},
			body: JSON.stringify({ jsonrpc: '2.0', ...message }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`The MCP server refuses ${message.method} (HTTP ${response.status}): ${text}`);
		session ??= response.headers.get('mcp-session-id') ?? undefined;
		return text;
	}

	async function request<Result>(method: string, params: object): Promise<Result> {
		requests += 1;
		const id = requests;
		const answer = messagesIn(await post({ id, method, params })).find((message) => message.id === id);
		if (answer?.result === undefined) throw new Error(`The MCP server answers ${method} with ${JSON.stringify(answer)}`);
		return answer.result as Result;
	}

	await request('initialize', { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } });
	await post({ method: 'notifications/initialized' });
	return {
		tools: async () => (await request<{ tools: McpTool[] }>('tools/list', {})).tools,
		async call(name, args) {
			const { isError = false, content } = await request<{ isError?: boolean; content: Array<{ text: string }> }>('tools/call', { name, arguments: args });
			return { isError, text: content.map(({ text }) => text).join('\n') };
		},
	};
}

/** The messages of an answer, which is JSON or a stream of events. */
function messagesIn(text: string): Message[] {
	const texts = text.startsWith('{') ? [text] : [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) => json);
	return texts.map((json) => JSON.parse(json) as Message);
}
