import type { Lease } from '../../card-api/delivery/slots';
import type { Refusal } from '../input/plan';
import type { Ending } from '../output/ending';
import type { Report } from '../output/report';
import type { Breather } from './breather';
import type { Item } from './items';
import { Way, type Shared } from './way';

/**
 * Sends all items of a run to their end, side by side, and reports how each ended. Does not throw: see the report's `stoppedBy`.
 * @param items is emptied on the way: an item is kept until it ends, and no longer
 */
export async function runAll(items: Array<Item | Refusal | undefined>, shared: Shared, breather: Breather, report: Report): Promise<void> {
	const { wire, records, leads } = shared;

	/** Records how an item ends, and tells so. */
	function end(item: Item, ending: Ending): void {
		const { start, place, parent } = item;
		const hasFailed = report.record(ending);
		// What comes back of it in a loop goes on with what is remembered of the command.
		if (hasFailed && ending.is !== 'refused') records.noteParent(place, start?.is === 'follow' && ending.is === 'delivered' ? start.place : parent);
		if (report.isStopped) wire.close('failure');
	}

	async function run(item: Item, lease: Lease): Promise<void> {
		const way = new Way(item, lease, shared);
		let ending: Ending | undefined;
		try {
			ending = await way.go();
			end(item, ending);
		} catch (error) {
			// Those on their way finish before it is told.
			wire.close('defect');
			const broken = way.brokenOff(error);
			ending ??= broken;
			end(item, broken);
		} finally {
			leads.end(ending ?? way.brokenOff(undefined));
			lease.release();
		}
		if (lease.wasUsed) breather.heard();
	}

	const running = new Set<Promise<void>>();
	for (const [index, item] of items.entries()) {
		if (item === undefined) continue;
		items[index] = undefined;
		const pause = breather.breathe();
		if (pause !== undefined) await pause;
		if (item.is === 'refusal') {
			report.record({ is: 'refused', itemIndex: index, refusal: item, plan: undefined });
			continue;
		}
		const lease = wire.lease();
		if (wire.whyClosed() === undefined) await lease.hold('new');
		const way = run(item, lease).finally(() => running.delete(way));
		running.add(way);
	}
	await Promise.all(running);
}
