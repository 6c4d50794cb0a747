package dev.outboard.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which items of the long tier have passed, and for which commit: one small file each below {@code
 * .cache/long}. With uncommitted changes nothing counts as passed and nothing is written down.
 */
final class LongTierRecord {
  private static final int SHORT_HASH = 12;

  private final Path directory;

  /** What is checked out, or empty if it is not just a commit. */
  private final String commit;

  LongTierRecord(Path directory, String commit) {
    this.directory = directory;
    this.commit = commit;
  }

  static LongTierRecord ofProject() {
    Path root = Path.of(System.getProperty("outboard.root", "."));
    boolean changed = !git(root, "status", "--porcelain").isEmpty();
    return new LongTierRecord(
        root.resolve(".cache/long"), changed ? "" : git(root, "rev-parse", "HEAD"));
  }

  /** Where it is written down that the item has passed. */
  Path file(String item) {
    return directory.resolve(item);
  }

  /** The commit that is checked out if the item has passed for it, else empty. */
  String commitOf(String item) {
    try {
      boolean same =
          !commit.isEmpty()
              && Files.exists(file(item))
              && Files.readString(file(item)).strip().equals(commit);
      return same ? commit.substring(0, Math.min(SHORT_HASH, commit.length())) : "";
    } catch (IOException e) {
      return "";
    }
  }

  void add(String item) throws IOException {
    if (!commit.isEmpty()) {
      Files.createDirectories(directory);
      Files.writeString(file(item), commit + "\n");
    }
  }

  /** What git says; empty where there is no git or no repository. */
  private static String git(Path root, String... words) {
    String[] command = new String[words.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = root.toString();
    System.arraycopy(words, 0, command, 3, words.length);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      byte[] out = process.getInputStream().readAllBytes();
      return process.waitFor() == 0 ? new String(out, StandardCharsets.UTF_8).strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
