package dev.outboard.bench;

import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.guest.Endpoint;
import dev.outboard.spi.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Declarations of guests by number, all in one network, as a benchmark wants them. Any thread. */
public final class Guests {
  private static final int NETWORK = 1;
  private static final int MTU = 1500;

  private Guests() {}

  /** Its name. */
  public static String id(int number) {
    return "g" + number;
  }

  /** Its addresses. */
  public static Endpoint endpoint(int number) {
    int high = number >>> 8;
    int low = number & 0xff;
    return Endpoint.of("02:00:00:00:%02x:%02x".formatted(high, low), "10.1." + high + "." + low);
  }

  /** A guest whose socket is in the directory. */
  static GuestSpec spec(int number, Path directory, Optional<String> uplink) {
    Endpoint endpoint = endpoint(number);
    return new GuestSpec(
        id(number),
        "bench",
        NETWORK,
        new MacAddress(endpoint.mac()),
        List.of(endpoint.address()),
        GuestSocket.listen(directory.resolve(id(number) + ".sock")),
        MTU,
        uplink,
        uplink.isEmpty());
  }
}
