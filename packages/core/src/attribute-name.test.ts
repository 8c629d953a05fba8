import { isLevelName, safeAttributeName } from './attribute-name.ts'

describe('safeAttributeName', () => {
  it.each([
    'level',
    'Level',
    'LEVEL',
    'log.level',
    'log_level',
    'severity',
    'severityText',
    'severity_text',
    'SeverityText',
    'severity_number',
    'lvl',
    'detected_level',
  ])('moves %s aside, as a backend would take it for the level of the record', (name) => {
    expect(isLevelName(name)).toBe(true)
    expect(safeAttributeName(name)).toBe(`custom.${name}`)
  })

  it.each(['', 'levels', 'level.x', 'my.level', 'sev', 'user', 'l', 'd', '__proto__', 'severity_text_', '\u0130evel'])(
    'leaves %j as it is',
    (name) => {
      expect(safeAttributeName(name)).toBe(name)
    },
  )
})
