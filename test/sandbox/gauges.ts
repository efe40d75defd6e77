/** How busy the sandbox was since it started or was reset. */
export interface Gauges {
	/** The most requests that were being handled at one time. */
	maxInFlight: number;
	inFlight: number;
	maxOpenConnections: number;
	openConnections: number;
	connectionsOpened: number;
}

/** Gauges of a sandbox that has just started. */
export function startingGauges(): Gauges {
	return { maxInFlight: 0, inFlight: 0, maxOpenConnections: 0, openConnections: 0, connectionsOpened: 0 };
}

/** Starts the maxima and sums anew from what is going on now. */
export function restartGauges(gauges: Gauges): void {
	gauges.maxInFlight = gauges.inFlight;
	gauges.maxOpenConnections = gauges.openConnections;
	gauges.connectionsOpened = gauges.openConnections;
}
