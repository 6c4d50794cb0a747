package dev.outboard.integration.daemon;

import dev.outboard.integration.UserException;
import dev.outboard.spi.TransportProvider;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds the transports on the class path. Used at start. */
final class Transports {
  private Transports() {}

  /** All of them, by name. */
  static Map<String, TransportProvider> find() throws UserException {
    try {
      return byName(ServiceLoader.load(TransportProvider.class));
    } catch (ServiceConfigurationError e) {
      throw new UserException("a transport on the class path is broken: " + e.getMessage(), e);
    }
  }

  /**
   * Sorts them by name.
   *
   * @throws UserException if two have the same
   */
  static Map<String, TransportProvider> byName(Iterable<TransportProvider> found)
      throws UserException {
    Map<String, TransportProvider> transports = new TreeMap<>();
    for (TransportProvider provider : found) {
      TransportProvider other = transports.put(provider.name(), provider);
      if (other != null) {
        throw new UserException(
            "two transports are named '"
                + provider.name()
                + "': "
                + place(other)
                + " and "
                + place(provider)
                + "; remove one of them");
      }
    }
    return transports;
  }

  private static String place(TransportProvider provider) {
    var source = provider.getClass().getProtectionDomain().getCodeSource();
    String jar = source == null ? "" : " in " + source.getLocation().getPath();
    return provider.getClass().getName() + jar;
  }
}
