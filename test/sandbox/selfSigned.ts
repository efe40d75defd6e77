import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/*
 * A certificate for an address and localhost, made when it is needed (RFC 5280), so that no private key
 * lies in the repository. Only the few DER forms that it takes are written here.
 */

const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31, boolean: 0x01 };

function der(tag: number, ...contents: Uint8Array[]): Buffer {
	const content = Buffer.concat(contents);
	const { length } = content;
	const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

const sequence = (...contents: Uint8Array[]) => der(TAG.sequence, ...contents);
const oid = (hex: string) => der(TAG.oid, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array) => der(TAG.bits, Buffer.from([0]), content);
const time = (at: Date) => der(TAG.time, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '').slice(2)));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALTERNATIVE_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');
const TRUE = der(TAG.boolean, Buffer.from([0xff]));
const DAY_MS = 24 * 60 * 60 * 1000;

function pem(label: string, content: Buffer): string {
	const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
	return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * Makes a key and a certificate that signs itself, good from the day before for 30 days.
 * @param ip the address that it is for, besides localhost
 * @param from when it is made, for one that is not good today
 */
export function selfSigned(ip: readonly number[] = [127, 0, 0, 1], from = Date.now()): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const name = sequence(der(TAG.set, sequence(COMMON_NAME, der(TAG.text, Buffer.from('FreedomPay sandbox')))));
	const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
	const alternativeNames = sequence(
		der(0x82, Buffer.from('localhost')),
		der(0x87, Buffer.from(ip)),
	);
	const extensions = sequence(
		sequence(BASIC_CONSTRAINTS, TRUE, der(TAG.octets, sequence(TRUE))),
		sequence(SUBJECT_ALTERNATIVE_NAME, der(TAG.octets, alternativeNames)),
	);
	const certificate = sequence(
		der(0xa0, der(TAG.integer, Buffer.from([2]))),
		der(TAG.integer, serial),
		ECDSA_WITH_SHA256,
		name,
		sequence(time(new Date(from - DAY_MS)), time(new Date(from + 30 * DAY_MS))),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, extensions),
	);
	const signature = sign('sha256', certificate, privateKey);
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: pem('CERTIFICATE', sequence(certificate, ECDSA_WITH_SHA256, bits(signature))),
	};
}
