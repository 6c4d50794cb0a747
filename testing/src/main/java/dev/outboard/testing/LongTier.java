package dev.outboard.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test that takes minutes or hours: an item of the long tier. {@code ./check --long} runs
 * all items besides the other tests, {@code ./check --long=NAME} one item alone. An item that has
 * passed for the commit that is checked out is not run again, so a run that was broken off goes on
 * where it stopped. CONTRIBUTING.md says more.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@Tag("long")
@ExtendWith(LongTierExtension.class)
public @interface LongTier {
  /** The item's name: lower-case words with hyphens, unique in the project. */
  String value();
}
