/// Tests of file work that several rooms share.
@NullMarked
package io.berth.files;

import org.jspecify.annotations.NullMarked;
