package dev.outboard.spi;

/** What an open transport gets from the sidecar. Usable from any thread. */
public interface TransportContext {
  /** The user's name for this instance. */
  String uplink();

  /** The value of a setting that {@link TransportProvider#settings} lists, default applied. */
  String setting(String name);

  /** How many workers there are; fixed for the life of the transport. */
  int workers();

  /** Live regions, to register buffers of the transport's own. */
  RegionTable regions();

  /** Says that the whole transport has failed for good; it is shown and counted, not retried. */
  void failed(String reason);
}
