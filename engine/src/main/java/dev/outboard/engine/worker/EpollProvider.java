package dev.outboard.engine.worker;

import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;

/** Opens {@link EpollNotifier}s: every Linux has what they need. The control thread. */
public final class EpollProvider implements NotifierProvider {
  @Override
  public String name() {
    return EpollNotifier.NAME;
  }

  @Override
  public Availability probe() {
    return Availability.yes();
  }

  @Override
  public Notifier open() throws LinuxException {
    return new EpollNotifier();
  }
}
