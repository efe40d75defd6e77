/** An object that is there once the tests run, for who names it before. */
export function standingFor<T extends object>(current: () => T): T {
	return new Proxy({} as T, {
		get(_, key) {
			const target = current();
			const value: unknown = Reflect.get(target, key, target);
			return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
		},
		has: (_, key) => Reflect.has(current(), key),
	});
}
