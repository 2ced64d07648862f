// The texts of a scenario as the values that options take.

import { expectedForm } from '../scenario/properties.ts'
import type { PropertyKind } from '../scenario/properties.ts'
import type { PropertyValues } from '../scenario/scenario.ts'

export type PropertyValue = string | number | boolean

export function typedProperties(
  kind: PropertyKind,
  values: PropertyValues,
): Readonly<Record<string, PropertyValue>> {
  return Object.fromEntries([...values].map(([name, text]) => [name, typedProperty(kind, name, text)]))
}

export function typedProperty(kind: PropertyKind, name: string, text: string): PropertyValue {
  const form = expectedForm(kind, name)
  if (form === 'true or false') return text === 'true'
  return form.startsWith('a whole number') ? Number(text) : text
}
