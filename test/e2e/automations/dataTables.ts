/**
 * n8n's data tables, by their names.
 *
 * @param {import('../n8n/rest.ts').RestClient} rest
 */
export function dataTables(rest) {
	async function pathOf(name) {
		const { id: project } = await rest.request('GET', '/projects/personal');
		const { data } = await rest.request('GET', `/projects/${project}/data-tables?filter=${encodeURIComponent(JSON.stringify({ name }))}`);
		const table = data.find((each) => each.name === name);
		return table && `/projects/${project}/data-tables/${table.id}`;
	}

	return {
		/** Whether there is such a table. */
		exists: async (name) => (await pathOf(name)) !== undefined,
		/** The rows of a table, oldest first. */
		async rows(name) {
			const { data } = await rest.request('GET', `${await pathOf(name)}/rows?sortBy=id:asc`);
			return data;
		},
		/** Adds rows to a table. */
		async add(name, ...rows) {
			await rest.request('POST', `${await pathOf(name)}/insert`, { data: rows });
		},
		/** Empties a table. */
		async clear(name) {
			const all = { type: 'and', filters: [{ columnName: 'id', condition: 'gt', value: 0 }] };
			await rest.request('DELETE', `${await pathOf(name)}/rows?filter=${encodeURIComponent(JSON.stringify(all))}`);
		},
	};
}
