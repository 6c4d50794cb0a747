package dev.outboard.spi;

import java.util.List;

/**
 * The entry point of a transport: found by {@link java.util.ServiceLoader}, one per jar. One call
 * at a time, perhaps by different threads, before and while the sidecar runs.
 */
public interface TransportProvider {
  /**
   * The name users write in their configuration, for example {@code tuntap}: one word of lower-case
   * letters, digits and dashes. Unique.
   */
  String name();

  /**
   * Whether this host has what the transport needs. Cheap, without side effects; the same answer
   * while nothing changes.
   */
  Availability probe();

  /** The settings {@link #open} understands. Unknown ones are refused before it is called. */
  List<Setting> settings();

  /**
   * Opens one instance ("uplink"). Several may be open at once; one that opens or closes leaves the
   * others alone.
   *
   * @throws TransportException with one line for the user
   */
  Transport open(TransportContext context) throws TransportException;
}
