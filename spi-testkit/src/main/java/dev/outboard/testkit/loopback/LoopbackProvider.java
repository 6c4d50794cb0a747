package dev.outboard.testkit.loopback;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Locale;

/**
 * Transports in memory: what is sent to an uplink (or a guest) of a provider arrives at it, if it
 * is open in this process by the same provider object. Control thread.
 */
public final class LoopbackProvider implements TransportProvider {
  private static final String ENDPOINT = "endpoint";
  private static final String MTU = "mtu";
  private static final int MOST_MTU = 9000;

  private final boolean perGuest;
  private final boolean holds;
  private final Switchboard switchboard = new Switchboard();

  private LoopbackProvider(boolean perGuest, boolean holds) {
    this.perGuest = perGuest;
    this.holds = holds;
  }

  /**
   * Uplinks that all guests share; each has a name, the setting {@code endpoint}, by which others
   * reach it.
   *
   * @param holds whether ports go on reading frames that they have accepted
   */
  public static LoopbackProvider shared(boolean holds) {
    return new LoopbackProvider(false, holds);
  }

  /**
   * A port for each guest, which reaches the others of its network by their addresses.
   *
   * @param holds whether ports go on reading frames that they have accepted
   */
  public static LoopbackProvider perGuest(boolean holds) {
    return new LoopbackProvider(true, holds);
  }

  @Override
  public String name() {
    return "loopback";
  }

  @Override
  public Availability probe() {
    return Availability.yes();
  }

  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting(
            ENDPOINT,
            Setting.Type.TEXT,
            "here",
            "What others give as endpoint to reach this uplink: letters, digits and dashes."),
        new Setting(
            MTU,
            Setting.Type.NUMBER,
            "1500",
            "The largest payload of an Ethernet frame, in bytes, from 576 to 9000."));
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    int mtu = context.number(MTU, Capabilities.LEAST_MTU, MOST_MTU);
    if (perGuest) {
      return new GuestLoopback(context, switchboard, mtu, holds);
    }
    String endpoint = endpoint(context.setting(ENDPOINT));
    return new SharedLoopback(context, switchboard, endpoint, mtu, holds);
  }

  static String endpoint(String text) throws TransportException {
    String name = text.trim().toLowerCase(Locale.ROOT);
    if (!name.matches("[a-z0-9-]+")) {
      throw new TransportException(
          "'%s' is no endpoint: write letters, digits and dashes".formatted(printable(text)));
    }
    return name;
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
