/** Starts to count this process's CPU time, which a busy machine changes nothing of; gives a function that tells how much it was so far, in milliseconds. */
export function countCpu(): () => number {
	const start = process.cpuUsage();
	return () => {
		const { user, system } = process.cpuUsage(start);
		return (user + system) / 1000;
	};
}

/** The CPU time of some work, in milliseconds. */
export function cpuMs(work: () => void): number {
	const soFar = countCpu();
	work();
	return soFar();
}

/** The least CPU time of some work in several rounds: nothing makes it less than it is, what the heap's collector does in between makes it more. */
export function leastCpuMs(rounds: number, work: () => void): number {
	return Math.min(...Array.from({ length: rounds }, () => cpuMs(work)));
}
