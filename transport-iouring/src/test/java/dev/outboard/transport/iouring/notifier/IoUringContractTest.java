package dev.outboard.transport.iouring.notifier;

import dev.outboard.spi.NotifierProvider;
import dev.outboard.testkit.NotifierKit;

/** iouring keeps the contract of notifiers. */
class IoUringContractTest extends NotifierKit {
  @Override
  protected NotifierProvider provider() {
    return new IoUringNotifierProvider();
  }
}
