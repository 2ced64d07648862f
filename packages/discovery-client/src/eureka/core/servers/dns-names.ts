/**
 * Servers from DNS, as Eureka keeps them there (DnsTxtRecordClusterResolver): a TXT record of the region names zones, one of
 * each zone names hosts. Java reads the first record only; all that people really write is read here.
 */

/** More names in one answer are left out. */
const MAX_NAMES = 64
const NAME = /^(?=.{1,253}$)[a-z\d_](?:[a-z\d_-]{0,62})(?:\.[a-z\d_][a-z\d_-]{0,62}){0,126}\.?$/i
/** A longer text is cut into strings of this length by the name server. */
const MAX_STRING_LENGTH = 255

/** Where the TXT record of a region's zones is. */
export function regionRecord(region: string, domainName: string): string {
  return `txt.${region}.${domainName}`
}

/** Where the TXT record of a zone's servers may be: the second name is asked when the first does not exist. */
export function zoneRecords(zoneDomain: string): readonly [string, string] {
  return [`txt.${zoneDomain}`, zoneDomain]
}

/** The zone of a zone domain: its first label. */
export function zoneOfDomain(zoneDomain: string): string {
  return zoneDomain.replace(/\..*/s, '')
}

/**
 * The host names in TXT records, each given as its strings: several records, several strings in one, names with blanks or
 * commas between them, or all in quotes. What is no host name is left out.
 */
export function namesInTxt(records: readonly (readonly string[])[]): readonly string[] {
  const names = records
    .flatMap((strings) => rejoined(strings))
    .flatMap((text) => text.replaceAll('"', ' ').split(/[\s,]+/))
    .filter((name) => NAME.test(name))
    .map((name) => name.replace(/\.$/, '').toLowerCase())
  return [...new Set(names)].slice(0, MAX_NAMES)
}

/** Puts long texts together again; shorter strings are texts of their own. */
function rejoined(strings: readonly string[]): readonly string[] {
  const texts: string[] = []
  let open = ''
  for (const string of strings) {
    open += string
    if (string.length === MAX_STRING_LENGTH) continue
    texts.push(open)
    open = ''
  }
  return [...texts, open]
}
