/** The part of n8n's scan that is used here; it comes without types. */
declare module '@n8n/scan-community-package/scanner/scanner.mjs' {
	/** What the scan looks at in a package's sources. */
	export const SOURCE_FILE_PATTERNS: readonly string[];

	/** Applies the rules of the scan to the files of a folder. */
	export function analyzePackage(directory: string, patterns: readonly string[]): Promise<{ passed: boolean; message?: string; details?: string }>;
}
