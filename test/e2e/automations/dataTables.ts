import assert from 'node:assert/strict';

import type { RestClient } from '../../n8n/rest.ts';

/** A row of the table of cards that are due. */
export interface DueRow {
	card_id: string;
	due_date?: string;
	reason?: string;
	request_id?: string;
	outcome?: string | null;
	try_again?: string | null;
}

/** n8n's data tables, by their names. */
export interface DataTables {
	/** Whether there is such a table. */
	exists: (name: string) => Promise<boolean>;
	/** The rows of a table, oldest first. */
	rows: (name: string) => Promise<DueRow[]>;
	/** Adds rows to a table. */
	add: (name: string, ...rows: DueRow[]) => Promise<void>;
	/** Empties a table. */
	clear: (name: string) => Promise<void>;
}

/** The data tables of the n8n that `rest` is signed in to. */
export function dataTables(rest: RestClient): DataTables {
	async function find(name: string): Promise<string | undefined> {
		const { id: project } = await rest.request<{ id: string }>('GET', '/projects/personal');
		const { data } = await rest.request<{ data: Array<{ id: string; name: string }> }>('GET', `/projects/${project}/data-tables?filter=${encodeURIComponent(JSON.stringify({ name }))}`);
		const table = data.find((each) => each.name === name);
		return table && `/projects/${project}/data-tables/${table.id}`;
	}

	async function pathOf(name: string): Promise<string> {
		const path = await find(name);
		assert.ok(path !== undefined, `there is no data table ${name}`);
		return path;
	}

	return {
		exists: async (name) => (await find(name)) !== undefined,
		rows: async (name) => (await rest.request<{ data: DueRow[] }>('GET', `${await pathOf(name)}/rows?sortBy=id:asc`)).data,
		async add(name, ...rows) {
			await rest.request('POST', `${await pathOf(name)}/insert`, { data: rows });
		},
		async clear(name) {
			const all = { type: 'and', filters: [{ columnName: 'id', condition: 'gt', value: 0 }] };
			await rest.request('DELETE', `${await pathOf(name)}/rows?filter=${encodeURIComponent(JSON.stringify(all))}`);
		},
	};
}
