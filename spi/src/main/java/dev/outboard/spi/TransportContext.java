package dev.outboard.spi;

import java.util.function.LongSupplier;

/** What an open transport gets from the sidecar. Usable from any thread. */
public interface TransportContext {
  /** The user's name for this instance. */
  String uplink();

  /** The value of a setting that {@link TransportProvider#settings} lists, default applied. */
  String setting(String name);

  /**
   * The value of a {@link Setting.Type#NUMBER} setting.
   *
   * @param least the smallest that is allowed
   * @param most the largest
   * @throws TransportException with the line for the user, if it is not between the two
   */
  default int number(String name, int least, int most) throws TransportException {
    String text = setting(name).trim();
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new TransportException(name + ": " + text + " is too large", e);
    }
    throw new TransportException(
        "%s: %s is not between %d and %d".formatted(name, text, least, most));
  }

  /**
   * How many workers there can be at the same time; their numbers are below. Fixed for the life of
   * the transport. With isolation policies that start a worker for each guest there are seldom so
   * many: a transport that needs something for each worker makes it when a port is bound there.
   */
  int workers();

  /**
   * Whether another process of the sidecar still runs and has the same uplinks, which this one is
   * about to take over: what only one process at a time can have may still be taken.
   */
  default boolean isTakingOver() {
    return false;
  }

  /** Live regions, to register buffers of the transport's own. */
  RegionTable regions();

  /**
   * A new counter for frames that the transport has refused or lost by itself, for example {@code
   * unknown-peer}. Users see the sum of all counters of a name. One thread adds to it.
   */
  Counter counter(String name);

  /**
   * Shows a number that is no lost frame, for example how many connections there are, or were
   * refused. Users see the sum of all of a name, beside the counters, while the transport is open.
   *
   * @param value is asked whenever somebody looks, by any thread; it must not wait or fail
   */
  default void gauge(String name, LongSupplier value) {}

  /** Says that the whole transport has failed for good; it is shown, not retried. */
  void failed(String reason);
}
