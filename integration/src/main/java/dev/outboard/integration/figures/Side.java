package dev.outboard.integration.figures;

import dev.outboard.integration.UserException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One of the two hosts of an arm, with a network of its own; on this machine or another. Used by
 * {@link Bed}, by one thread.
 */
interface Side extends AutoCloseable {
  /** Carries out commands of {@code ip} in its network, one a line. */
  void ip(List<String> lines) throws UserException;

  /** Has the device work without any offload. */
  void withoutOffloads(String device) throws UserException;

  /** The name of its only bridge. */
  String bridge() throws UserException;

  /** Takes a device of its machine as the wire to the other host, until it is closed. */
  void take(String device) throws UserException;

  /** The device that leads to the other host. */
  String link();

  /** Starts its sidecar; the configuration may name sockets in {@link #folder}. */
  void startSidecar(List<String> configuration) throws UserException;

  /** Waits until the sidecar serves. */
  void awaitSidecar() throws UserException;

  /** Starts the process with its microVMs and sockets. */
  void startCrowd(List<String> words) throws UserException;

  /** Tells that process something. */
  void send(String line) throws UserException;

  /** What that process says next. */
  String line(Duration patience) throws UserException;

  /** Drops so far, by reason: its sidecar's, and those that only the kernel knows of. */
  Map<String, Long> drops() throws UserException;

  /** Where its sidecar's files are. */
  String folder();

  /** The first lines of its sidecar's configuration: workers, and where they run. */
  String workers();

  /** Ends all of it. */
  @Override
  void close();
}
