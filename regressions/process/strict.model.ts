/** What makes Node end over whatever a program leaves unhandled, and tell of whatever it warns of. For tests only. */
export const STRICT: readonly string[] = [
  '--unhandled-rejections=strict',
  '--throw-deprecation',
  '--trace-warnings',
]
