/** Dates as HTTP writes them (RFC 9110 §5.6.7): the present form and the two old ones, which readers must still know. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

const LONGEST = 40
const DAY_MS = 86_400_000

/**
 * Milliseconds since 1970 UTC; undefined for what is no date of HTTP.
 *
 * @param epochNow - the present time: years of two digits mean the one that is at most 50 years ahead
 */
export function parseHttpDate(text: string, epochNow: number): number | undefined {
  if (text.length > LONGEST) return undefined
  const fixed = IMF_FIXDATE.exec(text)
  if (fixed !== null) return epochOf(fixed.slice(1))
  const old = RFC_850.exec(text)
  if (old !== null) {
    const [day = '', month = '', year = '', ...time] = old.slice(1)
    return epochOf([day, month, String(fullYear(Number(year), epochNow)), ...time])
  }
  const unix = ASCTIME.exec(text)
  if (unix === null) return undefined
  const [month = '', day = '', hour = '', minute = '', second = '', year = ''] = unix.slice(1)
  return epochOf([day, month, year, hour, minute, second])
}

function epochOf(parts: readonly string[]): number | undefined {
  const [, name = ''] = parts
  const month = MONTHS.indexOf(name)
  const [day = 0, , year = 0, hour = 0, minute = 0, second = 0] = parts.map(Number)
  // A leap second is written as 60.
  if (month === -1 || day < 1 || day > daysIn(month, year) || hour > 23 || minute > 59 || second > 60)
    return undefined
  return daysBefore(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function daysIn(month: number, year: number): number {
  if (month === 1) return isLeap(year) ? 29 : 28
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31
}

/** Days from 1970-01-01 to a date. */
function daysBefore(year: number, month: number, day: number): number {
  const past = year - 1
  let days = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 719_162
  for (let before = 0; before < month; before++) days += daysIn(before, year)
  return days + day - 1
}

function fullYear(twoDigits: number, epochNow: number): number {
  const thisYear = 1970 + Math.floor(epochNow / (365.2425 * DAY_MS))
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
