import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Clock } from '../../card-api/delivery/clock';
import { Wire } from '../../card-api/delivery/wire';
import { readItems } from '../input/readItems';
import { hintsOnAskedTwice } from '../output/hints';
import { errorItem } from '../output/items';
import { errorBefore, errorOf } from '../output/nodeErrors';
import { Report } from '../output/report';
import { hearsItemsOnly } from './agents';
import { runAll } from './batch';
import { Breather } from './breather';
import { Credentials } from './credentials';
import { flightsOf } from './executionData';
import { beforeSending, firstObstacle, firstRefusal, itemsOf } from './items';
import { Leads } from './leads';
import { openRun } from './run';
import { canceled, inputItems, NothingSent, obstacleOf } from './unsent';

/**
 * Runs the node: checks every item, delivers them side by side, and gives one item out per item in, in the same order.
 *
 * While the node continues on errors it never throws: n8n would pass the items that came in to the success output.
 * @param clock time and chance, replaced by tests
 * @throws {NodeOperationError} for bad input, a credential that cannot be used or a defect, unless the node continues on errors
 * @throws {NodeApiError} for a failed item, unless the node continues on errors
 */
export async function execute(context: IExecuteFunctions, clock: Clock): Promise<INodeExecutionData[][]> {
	const goesOn = context.continueOnFail();
	let report: Report;
	try {
		report = await conduct(context, clock, goesOn);
	} catch (error) {
		const obstacle = obstacleOf(error, context);
		if (goesOn || hearsItemsOnly(context)) return [inputItems(context).map((index) => errorItem(obstacle.failed, index))];
		throw errorBefore(error, obstacle, context.getNode());
	}
	addHints(context, report);
	const { stoppedBy } = report;
	if (stoppedBy !== undefined && !goesOn && !hearsItemsOnly(context)) throw errorOf(stoppedBy, report, context.getNode(), clock.wallClock());
	return [report.items];
}

/**
 * Runs all items to their end.
 * @throws only while nothing was sent yet
 */
async function conduct(context: IExecuteFunctions, clock: Clock, goesOn: boolean): Promise<Report> {
	const cancel = context.getExecutionCancelSignal();
	const breather = new Breather(clock);
	const run = openRun(context, () => {
		if (cancel?.aborted) throw new NothingSent(canceled(context));
		return breather.breathe();
	});
	const { data, records, circumstances: { origin, executionId, isAfterCrash }, runIndex, runsAgain } = run;
	const isTool = runIndex === undefined;

	const drafts = await readItems(context, run.breathe);
	const refused = goesOn ? undefined : firstRefusal(drafts);
	const items = refused === undefined ? await itemsOf(run, drafts, new Credentials(context)) : [];
	const obstacle = refused ?? (goesOn ? undefined : firstObstacle(items));
	if (obstacle !== undefined) {
		data.kept.stopped = true;
		throw new NothingSent(beforeSending(obstacle, drafts.length, !records.holdAny && !isAfterCrash));
	}

	const settings = drafts.find((draft) => draft.is === 'draft')?.settings;
	const wire = new Wire(clock, cancel, settings?.maxParallelRequests ?? 1);
	const report = new Report({ goesOn, isTool, inputs: context.getInputData(), isManual: context.getMode() === 'manual', runsAgain, isAfterCrash, hasSentBefore: records.holdAny });
	for (const hint of hintsOnAskedTwice(items)) report.remark(hint);
	const flights = isTool ? flightsOf(data.kept) : undefined;
	await runAll(items, { wire, records, leads: new Leads(items), origin, executionId, flights, runsAgain }, breather, report);

	records.end(report.isAllWell);
	if (report.stoppedBy !== undefined) data.kept.stopped = true;
	return report;
}

/** Leaves hints for the user. What was done stays done if that fails. */
function addHints(context: Pick<IExecuteFunctions, 'addExecutionHints' | 'logger'>, { hints }: Report): void {
	if (hints.length === 0) return;
	try {
		context.addExecutionHints(...hints);
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot leave its hints', { error });
	}
}
