// What the commands for people have in common: a wrong option is told with the help and ends with 2, a signal ends at once.

/**
 * Runs a command with what stands on its command line. The exit code is what `run` gives.
 * @param parse throws an Error that says what is wrong with the arguments
 */
export async function runCommand<Arguments extends { help: boolean }>(
  parse: (args: string[]) => Arguments,
  help: string,
  run: (args: Arguments) => Promise<number>,
): Promise<void> {
  for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => process.exit(code))
  }
  // Whoever read along, such as `head`, has seen enough.
  process.stdout.on('error', () => process.exit(1))
  let args: Arguments
  try {
    args = parse(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`)
    process.exitCode = 2
    return
  }
  if (args.help) process.stdout.write(help)
  else process.exitCode = await run(args)
}
