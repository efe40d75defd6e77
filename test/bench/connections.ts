import { Socket } from 'node:net';

/** Counts the connections that this process opens, as the operating system would. */
export interface ConnectionCount {
	/** The most at one time since the last {@link restart}. */
	readonly max: number;
	restart(): void;
}

type Connect = (this: Socket, ...args: unknown[]) => Socket;

/** Counts from now on every socket that connects, TLS or not. */
export function countConnections(): ConnectionCount {
	let open = 0;
	let max = 0;
	const prototype = Socket.prototype as unknown as { connect: Connect };
	const { connect } = prototype;
	prototype.connect = function (...args) {
		open += 1;
		max = Math.max(max, open);
		this.once('close', () => {
			open -= 1;
		});
		return connect.apply(this, args);
	};
	return {
		get max() {
			return max;
		},
		restart() {
			max = open;
		},
	};
}
