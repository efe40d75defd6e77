import type { Field } from './define';
import { dateTime } from './fields';

/** How an end of a period differs by method. `remark` follows its description. */
interface End {
	required?: boolean;
	remark?: string;
}

/** Where the period of a statement begins. */
export function startDate({ required = true, remark = '' }: End): Field {
	return dateTime({
		key: 'start_date',
		label: 'Start Date',
		description: `Where the period begins. A time without a zone is in the workflow's time zone.${remark}`,
		placeholder: 'e.g. 2025-01-01T00:00:00+05:00',
		required,
	});
}

/** Where the period of a statement ends. */
export function endDate({ required = true, remark = '' }: End): Field {
	return dateTime({
		key: 'end_date',
		label: 'End Date',
		description: `Where the period ends. A time without a zone is in the workflow's time zone.${remark}`,
		placeholder: 'e.g. 2025-01-31T23:59:59+05:00',
		required,
	});
}
