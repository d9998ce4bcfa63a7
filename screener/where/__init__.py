r"""The language of `--where` and of alert rules: parsed into a tree, never evaluated as code.

Grammar (EBNF; words of the language in any case, white space between tokens is free)::

    expression  = conjunction , { ( "or" | "||" ) , conjunction } ;
    conjunction = negation , { ( "and" | "&&" ) , negation } ;
    negation    = { "not" | "!" } , ( "(" , expression , ")" | predicate ) ;
    predicate   = operand , ( "=" | "==" | "!=" | "<>" ) , operand
                | operand , ( "<" | "<=" ) , operand , { ( "<" | "<=" ) , operand }
                | operand , ( ">" | ">=" ) , operand , { ( ">" | ">=" ) , operand }
                | column , [ "not" ] , "in" , "(" , literal , { "," , literal } , ")"
                | column , [ "not" ] , "contains" , ( word | quoted )
                | column , "is" , [ "not" ] , "empty" ;
    operand     = column | literal ;
    literal     = word | quoted | number | date ;
    column      = the name of a column, exactly as `screener columns` prints it ;
    word        = [ "^" ] , word character , { word character | "." | "-" } ;
    quoted      = '"' , { any but '"' and "\" | '""' | escape } , '"'
                | "'" , { any but "'" and "\" | "''" | escape } , "'" ;
    escape      = "\" , any ;
    number      = [ "+" | "-" ] , ( digits , [ "." , digit , { digit } ] | "." , digit , { digit } ) ,
                  [ ( "e" | "E" ) , [ "+" | "-" ] , digit , { digit } ] , [ { white space } , "%" ] ;
    digits      = digit , { [ "_" ] , digit } ;
    date        = digit * 4 , "-" , digit * 2 , "-" , digit * 2 ;

- A word character is a letter, digit or underscore of any script. A run of characters that reads as a number
  or a date is one; every other is a word. `\"`, `\'` and `\\` stand for the second character; any other
  backslash stands for itself. A word of the language (`in`, `empty`...) must be quoted to be text.
- A bare word that names a column is that column. Any other is text on the right of a text column, in a list
  and after `contains` (where column names are text too); elsewhere it is an unknown column.
- `not` binds closer than `and`, `and` closer than `or`. `-20% < fall < -10%` means both comparisons.
- Both sides are of one kind, and one is a column. Text takes `=`, `!=`, `in` and `contains`; dates and
  numbers take all but `contains`. `15%` is 0.15 and stands against fractions only; a quoted ISO date is a
  date against a date column. Columns compare with columns of their own kind.
- Text is compared without regard to case (Unicode casefold of NFC). Numbers are compared exactly.
- An empty cell (NaN, NaT, None, "") satisfies no comparison, `!=`, `not in` and `not contains` included: only
  `is empty` and `not` find it. Logic is two-valued: `not` turns what it stands before.
- At most 10,000 characters, and 100 parentheses inside one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.columns import BY_NAME
from screener.where.error import WhereError
from screener.where.parser import MAX_DEPTH, MAX_LENGTH, Parser
from screener.where.tree import Expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screener.columns import Column

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Expression", "WhereError", "parse"]


def parse(text: str, columns: Mapping[str, Column] = BY_NAME) -> Expression:
    """Read `text` as a condition on `columns`; raise WhereError, with a caret, where it is not one."""
    return Parser(text, columns).parse()
