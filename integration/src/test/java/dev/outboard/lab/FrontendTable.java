package dev.outboard.lab;

import dev.outboard.engine.virtqueue.VirtioNet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Which front-end uses what of the engine, as the text of {@code docs/frontends.md}: the rows are
 * what the engine serves and offers, the columns what {@link VhostRelay} has seen.
 */
final class FrontendTable {
  /** The column of our own driver; it stands last. */
  static final String OWN = "our driver";

  /** Protocol features by bit, as the vhost-user specification calls them. */
  private static final Map<Integer, String> PROTOCOL_FEATURES =
      Map.ofEntries(
          Map.entry(0, "MQ"),
          Map.entry(1, "LOG_SHMFD"),
          Map.entry(2, "RARP"),
          Map.entry(3, "REPLY_ACK"),
          Map.entry(4, "NET_MTU"),
          Map.entry(5, "BACKEND_REQ"),
          Map.entry(9, "CONFIG"),
          Map.entry(12, "INFLIGHT_SHMFD"),
          Map.entry(13, "RESET_DEVICE"),
          Map.entry(15, "CONFIGURE_MEM_SLOTS"),
          Map.entry(16, "STATUS"));

  private final Map<String, FrontendRecord> columns;
  private final Map<String, Integer> requests;
  private final String byteTest;
  private final List<String> ownAlone = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  /**
   * Makes the table.
   *
   * @param columns what each front-end did, by its name and version
   * @param requests all that the engine serves, with their numbers
   * @param byteTest the test with the bytes of what only our own driver uses
   */
  FrontendTable(
      Map<String, FrontendRecord> columns, Map<String, Integer> requests, String byteTest) {
    this.columns = columns;
    this.requests = requests;
    this.byteTest = byteTest;
    write();
  }

  /** The whole file. */
  String text() {
    return text.toString();
  }

  /** The rows that no other front-end uses. */
  List<String> ownAlone() {
    return ownAlone;
  }

  private void write() {
    text.append(
        """
        # Which front-end uses what

        Made by `FrontendsTest` from the messages that went between these front-ends and the engine; it fails when
        it sees something else. Rows are all that the engine serves and offers. What only our own driver uses is
        tested byte by byte from the specification, by the test named there.
        """);
    head("Request");
    requests.forEach((name, code) -> row(name, record -> record.requests().contains(code)));
    bits(
        "Virtio feature",
        FrontendTable::virtioName,
        FrontendRecord::offered,
        FrontendRecord::agreed);
    bits(
        "Protocol feature",
        bit -> PROTOCOL_FEATURES.getOrDefault(bit, "bit " + bit),
        FrontendRecord::protocolOffered,
        FrontendRecord::protocolAgreed);
  }

  private static String virtioName(int bit) {
    return VirtioNet.names(1L << bit).getFirst();
  }

  private interface BitName {
    String of(int bit);
  }

  private void bits(
      String title,
      BitName name,
      ToLongFunction<FrontendRecord> offered,
      ToLongFunction<FrontendRecord> agreed) {
    head(title);
    long all = columns.values().stream().mapToLong(offered).reduce(0, (a, b) -> a | b);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      long mask = 1L << bit;
      if ((all & mask) != 0) {
        row(name.of(bit), record -> (agreed.applyAsLong(record) & mask) != 0);
      }
    }
  }

  private void head(String title) {
    text.append("\n| ").append(title).append(" | ");
    text.append(String.join(" | ", columns.keySet())).append(" | byte by byte |\n");
    text.append("| --- ".repeat(columns.size() + 2)).append("|\n");
  }

  private void row(String name, Predicate<FrontendRecord> uses) {
    text.append("| ").append(name).append(" | ");
    columns.values().forEach(each -> text.append(uses.test(each) ? "x" : " ").append(" | "));
    List<String> users =
        columns.keySet().stream().filter(column -> uses.test(columns.get(column))).toList();
    boolean alone = users.equals(List.of(OWN)) || users.isEmpty();
    if (alone) {
      ownAlone.add(name);
    }
    text.append(alone ? "`" + byteTest + "`" : " ").append(" |\n");
  }
}
