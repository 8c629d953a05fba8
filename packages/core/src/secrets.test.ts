import { mask, secretsIn } from './secrets.ts'

const masked = (text: string, headers: string[], url?: string): string => mask(text, secretsIn(headers, url))

describe('mask', () => {
  it.each([
    ['a value', 'token sesame-1 is bad', ['sesame-1'], 'token *** is bad'],
    ['a value without its scheme', 'who is sesame-1?', ['Bearer sesame-1'], 'who is ***?'],
    ['a value with its scheme', 'not: Bearer sesame-1', ['Bearer sesame-1'], 'not: ***'],
    ['a value as JSON writes it', '{"h":"a=\\"sesame\\""}', ['Digest a="sesame"'], '{"h":"***"}'],
    ['a value with quotes as it is', 'h: Digest a="sesame".', ['Digest a="sesame"'], 'h: ***.'],
    ['what Basic stands for', 'no user:sesame', [`Basic ${btoa('user:sesame')}`], 'no ***'],
    ['a password of Basic', 'sesame is wrong', [`Basic ${btoa('user:sesame')}`], '*** is wrong'],
    ['a password as a URL writes it', 'ses%40me', [`Basic ${btoa('user:ses@me')}`], '***'],
    ['the beginning of a long value', `got ${'sesame'.repeat(5)}`, ['sesame'.repeat(500)], 'got ***'],
    ['each of several', 'aaaa bbbb aaaa', ['aaaa', 'bbbb'], '*** *** ***'],
    ['credentials in any URL', 'see https://u:p@host/x', [], 'see https://***@host/x'],
    ['nothing short', 'a is 1', ['1'], 'a is 1'],
  ])('hides %s', (_what, text, headers, expected) => {
    expect(masked(text, headers)).toBe(expected)
  })

  it('hides what stands in the query of the URL, in either spelling', () => {
    const url = 'http://host/v1/logs?key=sesame%2F1&x=1'
    expect(masked('/v1/logs?key=sesame%2F1 sesame/1', [], url)).toBe('/v1/logs?*** ***')
  })

  it('takes no time for a text of one long word', () => {
    expect(masked('a'.repeat(1_000_000), ['sesame-1'])).toHaveLength(1_000_000)
  })
})
