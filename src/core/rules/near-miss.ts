// When two names look meant to be one: what a typing slip leaves behind.

/** Equal but for case and separators, or one edit apart (insert, delete, replace, swap of neighbours, or a missing "ed"); short names and numbered ones never are. */
export function isNearMiss(a: string, b: string): boolean {
  if (a === b) return false;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.:/\s]/g, '');
  if (plain(a) === plain(b)) return true;
  if (Math.min(a.length, b.length) < 6 || Math.abs(a.length - b.length) > 2 || /\d/.test(a + b)) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  if (restA.length <= 1 && restB.length <= 1) return true;
  if (restA.length === 0 || restB.length === 0) return restA + restB === 'ed';
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}
