package dev.outboard.transport.iouring.notifier;

import dev.outboard.linux.IoUringRefusal;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;

/** Opens the notifiers named {@code iouring}. The control thread. */
public final class IoUringNotifierProvider implements NotifierProvider {
  static final String NAME = "iouring";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability probe() {
    return IoUringRefusal.probe()
        .map(refusal -> Availability.no(refusal.reason(), refusal.remedy()))
        .orElseGet(Availability::yes);
  }

  @Override
  public Notifier open() throws LinuxException {
    return new IoUringNotifier();
  }
}
