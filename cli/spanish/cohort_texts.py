"""Spanish forms of the rules of cohort files."""

from typing import Final

COHORT_TEXTS: Final = {
    # files
    "a header and at least one row expected": "se esperan un encabezado y al menos una fila",
    "at least one row below the header expected": "se espera al menos una fila bajo el encabezado",
    "at least one row expected": "se espera al menos una fila",
    "a first line with the columns {}, by comma, semicolon or tab, expected": (
        "se espera una primera línea con las columnas {0}, separadas por coma, punto y coma o tabulador"
    ),
    "columns not known: {}; only {} are read": "columnas desconocidas: {0}; solo se leen {1}",
    "columns missing: {}": "faltan columnas: {0}",
    "each column once expected; twice: {}": "se espera cada columna una vez; repetidas: {0}",
    "(unreadable)": "(ilegible)",
    "at most {} columns expected": "se esperan a lo más {0} columnas",
    "at most {} rows expected": "se esperan a lo más {0} filas",
    "at most {} blank rows expected": "se esperan a lo más {0} filas en blanco",
    "line {}: at most {} characters a line expected": "línea {0}: se esperan a lo más {1} caracteres por línea",
    "line {}: a cell of at most {} characters expected": (
        "línea {0}: se espera una celda de a lo más {1} caracteres; quizá falta cerrar unas comillas"
    ),
    "line {}: each quote closed before the next separator, and lines that end in LF or CR LF, expected": (
        "línea {0}: se espera cada comilla cerrada antes del siguiente separador, y líneas que terminen en LF o CR LF"
    ),
    "line {} is not UTF-8; --cp1252 reads what Excel saves as plain CSV, or save it as CSV UTF-8": (
        "la línea {0} no está en UTF-8; con --cp1252 se lee lo que Excel guarda como CSV simple, o guárdelo como CSV UTF-8"
    ),
    "line {} is neither UTF-8 nor Windows-1252; save it as CSV UTF-8": (
        "la línea {0} no está en UTF-8 ni en Windows-1252; guárdelo como CSV UTF-8"
    ),
    "UTF-16 or no text at all; save it as CSV UTF-8": "está en UTF-16 o no es texto; guárdelo como CSV UTF-8",
    "this is {}, not a CSV file; in the spreadsheet, save it as CSV UTF-8": (
        "es {0}, no un archivo CSV; en la hoja de cálculo, guárdelo como CSV UTF-8"
    ),
    "this is JSON; JSON lines are read from a file named .jsonl": (
        "es JSON; las líneas JSON se leen de un archivo con nombre .jsonl"
    ),
    "the file is no longer the one that was judged; run it again": (
        "el archivo ya no es el que se revisó; repita el comando"
    ),
    # kinds of files
    "a PDF document": "un documento PDF",
    "an image ({})": "una imagen ({0})",
    "a text document (RTF)": "un documento de texto (RTF)",
    "a compressed file (gzip)": "un archivo comprimido (gzip)",
    "an archive ({})": "un archivo comprimido ({0})",
    "a database (SQLite)": "una base de datos (SQLite)",
    "a workbook (SYLK)": "un libro de cálculo (SYLK)",
    "a workbook of {}": "un libro de {0}",
    "a document of {}": "un documento de {0}",
    "a presentation of {}": "una presentación de {0}",
    "a web page (HTML)": "una página web (HTML)",
    "a document in XML": "un documento en XML",
    # rows
    "row {}: {}": "fila {0}: {1}",
    "{} cells, as in the header": "{0} celdas, como en el encabezado",
    "nothing in column {}, which has no name": "la columna {0}, que no tiene nombre, vacía",
    "one JSON object on the line": "un objeto JSON en la línea",
    "each key once": "cada clave una vez",
    "only the keys {}": "solo las claves {0}",
    "strings only": "solo textos",
    "an object of strings": "un objeto de textos",
    "a value": "un valor",
    "each person and date once; see row {}": "cada persona y fecha una vez; vea la fila {0}",
    "a date YYYY-MM-DD that exists, such as 2026-02-28": "una fecha AAAA-MM-DD que exista, como 2026-02-28",
    "a date not after {}, today in {}": "una fecha que no sea posterior a {0}, hoy en {1}",
    "a validity that has not ended yet": "una vigencia que no haya terminado",
    "a validity that ends before the year 10000": "una vigencia que termine antes del año 10000",
    "a DID or nothing": "un DID o nada",
    "a web address or nothing": "una dirección web o nada",
    "a number from 0 to 100 without a percent sign, such as 85 or 92.5": (
        "un número de 0 a 100 sin signo de porcentaje, como 85 o 92.5"
    ),
    "at least {}, the programme's minimum": "al menos {0}, el mínimo del programa",
    "one of the programme's scale: {}": "uno de la escala del programa: {0}",
    "what every library reads alike": "lo que toda biblioteca lee igual",
    # identifiers
    "no invisible character; {} is number {}": "ningún carácter invisible; {0} es el número {1}",
    "at most {} characters, none for control": "a lo más {0} caracteres, ninguno de control",
    "no blank but the ordinary one; another looks the same": "ningún espacio que no sea el común; otro se ve igual",
    "an identifier with all its digits, not a number that a spreadsheet rounded to 15; JSON lines keep them all": (
        "un identificador con todas sus cifras, no un número que la hoja de cálculo redondeó a 15; un archivo .jsonl las "
        "conserva"
    ),
    "an identifier, not a number that a spreadsheet rounded": (
        "un identificador, no un número que redondeó la hoja de cálculo"
    ),
    "an identifier, not the error value of a spreadsheet": "un identificador, no un error de la hoja de cálculo",
    "an identifier, not a formula": "un identificador, no una fórmula",
    "an identifier, not a negative number": "un identificador, no un número negativo",
    "an identifier without the apostrophe that marks text in a spreadsheet": (
        "un identificador sin el apóstrofo con que la hoja de cálculo marca texto"
    ),
    "an identifier, not a formatted number": "un identificador, no un número con formato",
    "an identifier, not a date": "un identificador, no una fecha",
    "an identifier, not the mark of an empty value": "un identificador, no la marca de un valor vacío",
    # what became of a run
    "queued": "en cola",
    "queued: {}, which will anchor it": "en cola: {0}; ese nodo lo anclará",
    "queued: the outcome is not known yet": "en cola: aún no se conoce el resultado",
    "queued: another process of this node anchors now, and takes it": (
        "en cola: otro proceso de este nodo está anclando y la toma"
    ),
    "the council recorded trust file {}, {}: acredita node join --trust URL": (
        "el consejo registró el archivo de confianza {}, {}: acredita node join --trust URL"
    ),
    "nothing to anchor": "nada por anclar",
    "anchored in 1 checkpoint, at {}": "ancladas en 1 anclaje, a las {0}",
    "anchored in {} checkpoints, the last at {}": "ancladas en {0} anclajes, el último a las {1}",
    "refused by the chain: {}": "rechazado por la cadena: {0}",
    "one process signed: {}": "firmó un solo proceso: {0}",
    "the key cannot leave its place": "la clave no puede salir de su lugar",
    "fewer than {} rows are made sooner than processes are started": (
        "menos de {0} filas se firman antes de lo que tardan en empezar los procesos"
    ),
    "what was issued stays issued, run the same command again": "lo expedido queda expedido, repita el mismo comando",
    "{}; the credentials are issued and kept in the node, run the same command again for their files": (
        "{0}; las credenciales están expedidas y guardadas en el nodo, repita el mismo comando para obtener sus archivos"
    ),
    "--reissue: a label expected, such as 2026-logo; the same label issues nothing twice": (
        "--reissue: se espera una etiqueta, como 2026-logo; con la misma etiqueta nada se expide dos veces"
    ),
}
