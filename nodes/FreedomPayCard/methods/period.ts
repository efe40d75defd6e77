import type { Field } from './define';
import { dateTime } from './fields';

/** How an end of a period differs by method. `remark` follows its description. */
interface End {
	required?: boolean;
	remark?: string;
}

function end(told: Pick<Field, 'key' | 'label' | 'placeholder'>, verb: string, { required = true, remark = '' }: End): Field {
	return dateTime({
		...told,
		description: `Where the period ${verb}. A time without a zone is in the workflow's time zone.${remark}`,
		required,
	});
}

/** Where the period of a statement begins. */
export function startDate(differs: End): Field {
	return end({ key: 'start_date', label: 'Start Date', placeholder: 'e.g. 2025-01-01T00:00:00+05:00' }, 'begins', differs);
}

/** Where the period of a statement ends. */
export function endDate(differs: End): Field {
	return end({ key: 'end_date', label: 'End Date', placeholder: 'e.g. 2025-01-31T23:59:59+05:00' }, 'ends', differs);
}
