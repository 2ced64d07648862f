/** The version of this package, for `build_info`. A test keeps it equal to package.json. */
export const VERSION = '0.1.0'
