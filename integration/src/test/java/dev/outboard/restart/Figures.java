package dev.outboard.restart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a row of restarts took, printed as median and worst. */
final class Figures {
  private final Map<String, List<Long>> nanos = new LinkedHashMap<>();
  private final List<Long> repeats = new ArrayList<>();

  void add(String what, long took) {
    nanos.computeIfAbsent(what, key -> new ArrayList<>()).add(took);
  }

  /** Frames that came more than once, after a restart and before it, one number a receiver. */
  void repeated(long[] after, long[] before) {
    for (int i = 0; i < after.length; i++) {
      repeats.add(after[i] - before[i]);
    }
  }

  long mostRepeated() {
    return repeats.isEmpty() ? 0 : Collections.max(repeats);
  }

  void print(String title) {
    System.out.print(text(title));
  }

  private String text(String title) {
    StringBuilder text = new StringBuilder();
    nanos.forEach(
        (what, all) -> {
          List<Long> sorted = all.stream().sorted().toList();
          text.append(
              "figure: %s: %s: median %.2f ms, p99 %.2f ms, worst %.2f ms of %d%n"
                  .formatted(
                      title,
                      what,
                      sorted.get(sorted.size() / 2) / 1e6,
                      sorted.get(Math.max(0, (sorted.size() * 99 + 99) / 100 - 1)) / 1e6,
                      sorted.getLast() / 1e6,
                      sorted.size()));
        });
    if (!repeats.isEmpty()) {
      Map<Long, Integer> often = new TreeMap<>();
      repeats.forEach(each -> often.merge(each, 1, Integer::sum));
      text.append("figure: %s: frames repeated per kill and sender: %s%n".formatted(title, often));
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return text("");
  }
}
