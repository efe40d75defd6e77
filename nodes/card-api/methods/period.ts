import { BadInput, type Described, type ScalarField } from './define';
import { dateTime } from './fields';

const START = 'Start Date';
const END = 'End Date';

function end(facts: Pick<ScalarField, 'key' | 'label' | 'placeholder' | 'endsPeriod'>, verb: string, required: boolean): ScalarField {
	return dateTime({
		...facts,
		description: `Where the period ${verb}. A date alone is the whole day. A time without a zone is in the workflow's time zone.`,
		required,
		beside: true,
	});
}

/** The period of a statement, and that it does not end before it starts. */
export function period({ required }: { required: boolean }): { fields: ScalarField[]; check: NonNullable<Described['check']> } {
	return {
		fields: [
			end({ key: 'start_date', label: START, placeholder: 'e.g. 2025-01-01' }, 'begins', required),
			end({ key: 'end_date', label: END, endsPeriod: true, placeholder: 'e.g. 2025-01-31' }, 'ends', required),
		],
		check: ({ start_date: start, end_date: stop }) => {
			if (typeof start !== 'string' || typeof stop !== 'string' || Date.parse(start) <= Date.parse(stop)) return;
			throw new BadInput(START, `(${start}) must not be after ${END} (${stop})`);
		},
	};
}
