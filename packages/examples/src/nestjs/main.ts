import 'reflect-metadata'
import { Body, Controller, Logger, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Logger as PinoLogger, LoggerModule } from 'nestjs-pino'
import { traceContext } from 'pino-otlp'

@Controller('orders')
class OrdersController {
  private readonly logger = new Logger(OrdersController.name)

  @Post()
  create(@Body() { item, quantity }: { item: string; quantity: number }): object {
    if (!(quantity > 0)) throw new RangeError(`Expected a quantity from 1 up, got ${quantity}`)
    this.logger.log({ item, quantity }, 'order placed')
    return { item, quantity }
  }
}

const pinoHttp = {
  mixin: traceContext,
  redact: ['req.headers.authorization', 'req.headers.cookie'], // otherwise each line of a request has them
  transport: {
    targets: [
      { target: 'pino/file', options: { destination: 1 } },
      { target: 'pino-otlp', options: { resource: { 'service.name': 'orders' } } },
    ],
  },
}

@Module({
  imports: [LoggerModule.forRoot({ pinoHttp })],
  controllers: [OrdersController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { bufferLogs: true })
app.useLogger(app.get(PinoLogger))
// Without `useProcessExit`, Nest ends the process by the signal itself, and what waits is lost.
app.enableShutdownHooks([], { useProcessExit: true })
await app.listen(process.env['PORT'] ?? 3000)
new Logger('main').log(`listening at ${await app.getUrl()}`)
