package dev.outboard.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The examples of a guide, so that tests can try them. */
public final class GuideBlocks {
  private GuideBlocks() {}

  /** All blocks of a language in a file of docs/. There is at least one. */
  public static List<String> of(String file, String language) throws IOException {
    String text =
        Files.readString(Path.of(System.getProperty("outboard.root"), "docs").resolve(file));
    Matcher block =
        Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(text);
    List<String> blocks = new ArrayList<>();
    while (block.find()) {
      blocks.add(block.group(1));
    }
    if (blocks.isEmpty()) {
      throw new AssertionError("docs/" + file + " has no block of " + language);
    }
    return blocks;
  }
}
