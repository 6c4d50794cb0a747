package dev.outboard.integration.daemon;

import dev.outboard.integration.UserException;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** Finds what the class path offers of one kind: transports, isolation policies. Used at start. */
final class Services {
  private Services() {}

  /**
   * All of a kind, by name.
   *
   * @param what the kind in a user's words, for example {@code transport}
   */
  static <T> Map<String, T> find(Class<T> type, String what, Function<T, String> name)
      throws UserException {
    try {
      return byName(ServiceLoader.load(type), what, name);
    } catch (ServiceConfigurationError e) {
      throw new UserException(what + " on the class path is broken: " + e.getMessage(), e);
    }
  }

  /**
   * Sorts them by name.
   *
   * @throws UserException if two have the same
   */
  static <T> Map<String, T> byName(Iterable<T> found, String what, Function<T, String> name)
      throws UserException {
    Map<String, T> services = new TreeMap<>();
    for (T service : found) {
      T other = services.put(name.apply(service), service);
      if (other != null) {
        throw new UserException(
            "two of the kind '%s' are named '%s': %s and %s; remove one of them"
                .formatted(what, name.apply(service), place(other), place(service)));
      }
    }
    return services;
  }

  private static String place(Object service) {
    var source = service.getClass().getProtectionDomain().getCodeSource();
    String jar = source == null ? "" : " in " + source.getLocation().getPath();
    return service.getClass().getName() + jar;
  }
}
