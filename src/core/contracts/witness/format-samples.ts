// The name of a format → texts written in it, readable ones first, with unlike corners behind: what one format accepts and another refuses.

const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  date: ['2026-01-31', '2024-02-29', '1999-12-31'],
  time: ['10:15:30Z', '23:59:60Z', '10:15:30.5+01:00'],
  'date-time': [
    '2026-01-31T10:15:30Z',
    '2026-01-31T10:15:30.123+02:00',
    '2016-12-31T23:59:60Z',
    '2026-01-31t10:15:30z',
  ],
  'iso-time': ['10:15:30', '10:15:30Z'],
  'iso-date-time': ['2026-01-31T10:15:30', '2026-01-31 10:15:30'],
  duration: ['P1D', 'PT15M', 'P1Y2M3DT4H5M6S', 'P2W'],
  email: ['ada@example.com', "o'brien+orders@mail.example.org"],
  'idn-email': ['ada@example.com', 'jörg@exämple.de'],
  hostname: ['example.com', 'localhost', 'a-b.example'],
  'idn-hostname': ['example.com', 'exämple.de'],
  ipv4: ['192.0.2.1', '255.255.255.255', '0.0.0.0'],
  ipv6: ['2001:db8::1', '::1', '::', '::ffff:192.0.2.1'],
  uri: [
    'https://example.com/orders/1',
    'urn:isbn:0451450523',
    'mailto:ada@example.com',
    'http://localhost:8080/a?b=c#d',
  ],
  'uri-reference': ['/orders/1', 'orders', '#top', 'https://example.com/'],
  iri: ['https://example.com/ä', 'https://example.com/'],
  'iri-reference': ['/ä', 'https://example.com/'],
  'uri-template': ['/orders/{id}', 'https://example.com/{a}'],
  url: ['https://example.com/orders/1', 'ftp://example.com'],
  uuid: [
    '9b2f4c3e-0d1a-4f6b-8c7d-123456789abc',
    '00000000-0000-0000-0000-000000000000',
    'urn:uuid:9b2f4c3e-0d1a-4f6b-8c7d-123456789abc',
  ],
  'json-pointer': ['/orders/0', '', '/a~1b'],
  'json-pointer-uri-fragment': ['#/orders/0', '#'],
  'relative-json-pointer': ['0', '1/orders', '0#'],
  regex: ['^[a-z]+$', '.*'],
  byte: ['aGVsbG8=', 'AA=='],
};

/** How a text of a format is stretched to a length. */
const STRETCHED: Readonly<Record<string, readonly [before: string, filler: string, after: string]>> = {
  email: ['', 'a', '@example.com'],
  'idn-email': ['', 'a', '@example.com'],
  uri: ['https://example.com/', 'a', ''],
  iri: ['https://example.com/', 'a', ''],
  url: ['https://example.com/', 'a', ''],
  'uri-reference': ['/', 'a', ''],
  'uri-template': ['/', 'a', ''],
  'json-pointer': ['/', 'a', ''],
  regex: ['', 'a', ''],
  hostname: ['', 'a.', 'example'],
  'date-time': ['2026-01-31T10:15:30.', '1', 'Z'],
  time: ['10:15:30.', '1', 'Z'],
  duration: ['P', '1', 'D'],
  byte: ['', 'AAAA', ''],
};

/** Texts of a format, also ones about as long as asked for; none for unknown formats. */
export function formatSamples(name: string, lengths: readonly number[] = []): readonly string[] {
  const samples = Object.hasOwn(SAMPLES, name) ? (SAMPLES[name] ?? []) : [];
  const stretch = Object.hasOwn(STRETCHED, name) ? STRETCHED[name] : undefined;
  if (stretch === undefined) return samples;
  const [before, filler, after] = stretch;
  const long = lengths
    .map((length) => Math.ceil((length - before.length - after.length) / filler.length))
    .filter((times) => times > 0)
    .map((times) => before + filler.repeat(times) + after);
  return [...samples, ...long];
}

/** Texts that look like one format or another and are none of most. */
export const MISFITS: readonly string[] = [
  '2026-13-41',
  '2026-01-31',
  '25:61:00',
  'not a date',
  'ada',
  'ada@',
  '999.1.1.1',
  'a b',
  '-',
  '{',
  '%',
];
