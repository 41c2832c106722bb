/** German notices; the English ones stand in contract/notices.ts, for the command line and the log too. */
import type { NoticeCode, NoticeLanguage, NoticeWord } from '#contract/notices'

const CLOSED = '{closed} hat Platz für {opened} gemacht und wird bei Bedarf wieder geöffnet, was Zeit kostet.'
const OVERFLOW = 'Der Bilddekoder lieferte Werte, die keine Zahlen sind und im Bild schwarz erscheinen.'
const WIDER =
  'vae_decoder/model.onnx rechnet mit 16-Bit-Gleitkommazahlen: Wähle einen anderen Autoencoder für dieses Modell oder seinen Export mit einem vae_decoder in 32 Bit.'

const texts: Record<NoticeCode, string> = {
  other: '{text}',
  'memory-ran-short': `Der Speicher wurde knapp: ${CLOSED}`,
  'memory-is-short': `Der Speicher ist knapp: ${CLOSED}`,
  'memory-limit': `Mehr als {megabytes} MB wären nötig: ${CLOSED}`,
  'memory-moved-on': 'Der Speicher wurde knapp auf {from}: {graphs} läuft weiter auf {to}.',
  'memory-row-by-row':
    'Der Speicher wurde knapp: Beschreibung und Ausschlüsse werden nacheinander gerechnet, was länger dauert.',
  'memory-decoded-in-tiles':
    'Der Speicher wurde knapp: Das Bild wird in Kacheln von {pixels} Pixeln dekodiert, deren Farben etwas abweichen können.',
  'memory-encoded-in-tiles':
    'Der Speicher wurde knapp: Das Bild wird in Kacheln von {pixels} Pixeln kodiert, deren Farben etwas abweichen können.',
  'memory-enlarged-in-tiles': 'Der Speicher wurde knapp: Das Bild wird in Kacheln von {pixels} Pixeln vergrößert.',
  'memory-processor': 'Mit {provider} reichte der Speicher nicht, deshalb rechnet der Prozessor.',
  'provider-missing': '{provider} ist hier nicht verwendbar, deshalb rechnet der Prozessor. ({reason})',
  'provider-refused': '{provider} kann {file} nicht öffnen, deshalb rechnet der Prozessor. ({reason})',
  'decoder-overflow': `${OVERFLOW} Seine Datei ${WIDER}`,
  'decoder-overflow-declared': `${OVERFLOW} Seine Konfiguration verlangt 32 Bit (force_upcast), doch ${WIDER}`,
  'size-cropped': 'In {rendered} gerechnet und auf {asked} beschnitten: Dieses Modell kann diese Größe nicht.',
  'text-cut': 'Die letzten {tokens} Token fielen weg ({prompt}): Dieses Modell liest {room}.',
  'text-cut-windows':
    'Dieses Modell nimmt eine feste Zahl von Wörtern: Die letzten {tokens} Token fielen weg ({prompt}).',
  'text-cut-no-t5': 'Die letzten {tokens} Token fielen weg ({prompt}): Ohne T5 liest dieses Modell nur ein Fenster.',
  'embedding-unused': 'Das Embedding {name} wird nicht verwendet: {reason}.',
  'lora-parts-unused':
    '{file}: {unused} von {all} Teilen bleiben ungenutzt, weil dieses Modell nichts für sie hat ({example}).',
  'lora-tensors-unused': '{file}: {unused} Tensoren bleiben ungenutzt, weil sie zu keinem LoRA gehören ({example}).',
  'source-depth': '{source} hat mehr als 8 Bit je Kanal und wurde auf 8 verringert.',
  'source-cmyk': '{source} ist in CMYK und wurde in RGB umgewandelt.',
  'source-palette': '{source} hat eine Farbpalette und wurde in volle Farben umgewandelt.',
  'source-turned': '{source} wurde aufgerichtet.',
  'source-frames': '{source} hat mehrere Einzelbilder; das erste wurde genommen.',
  'source-flattened': 'Durchsichtige Teile des Bildes wurden auf Weiß gelegt.',
  'mask-stretched': 'Die Maske ist {mask} groß und wurde auf die {picture} des Bildes gestreckt.',
  resumed: 'Ging hinter Schritt {step} weiter, wo es unterbrochen worden war.',
  'engine-restarted': 'Das Rechenwerk hielt an, wurde neu gestartet, und der Auftrag ging weiter. {relief} ({reason})',
  'closed-meanwhile': 'Easel wurde geschlossen, während dies lief; es wurde wieder aufgenommen.',
  'closed-after': 'Easel wurde geschlossen, während dies lief; es ging nach Bild {done} von {all} weiter.',
  'settings-unreadable': 'Die Einstellungen in {file} sind nicht lesbar ({reason}).',
  'settings-damaged': 'Die Einstellungen waren beschädigt und beginnen neu; die alte Datei ist {copy}.',
  'setting-unused': 'Die Einstellung {setting} war {value} und gilt nicht ({problem}).',
  'presets-damaged': 'Die Vorlagen waren beschädigt und beginnen neu; die alte Datei ist {copy}.',
  'index-rebuilt':
    'Die Datenbank war beschädigt. Sie liegt jetzt in {copy}, und die Galerie wurde aus {pictures} Bilddateien neu aufgebaut; Favoriten und Warteschlange sind verloren.',
  'index-failed': 'Die Galerie ließ sich nicht aus ihren Dateien neu aufbauen: {reason}',
}

const words: Record<NoticeWord, string> = {
  prompt: 'Beschreibung',
  'negative prompt': 'Was nicht vorkommen soll',
  'The picture': 'Das Bild',
  'The mask': 'Die Maske',
  'The sketch': 'Die Skizze',
  'the text encoder': 'Textkodierer',
  'the picture encoder': 'Bildkodierer',
  'the picture decoder': 'Bilddekoder',
  'the denoising network': 'Entrauschungsnetz',
  'the processor': 'dem Prozessor',
  'Its networks are now in memory one at a time.': 'Seine Netze sind jetzt einzeln im Speicher.',
  'The prompt and the negative prompt are now computed one after the other.':
    'Beschreibung und Ausschlüsse werden jetzt nacheinander gerechnet.',
  'Pictures are now decoded in tiles.': 'Bilder werden jetzt in Kacheln dekodiert.',
  'The processor computes it now.': 'Jetzt rechnet der Prozessor.',
}

export const GERMAN_NOTICES: NoticeLanguage = { texts, words, locale: 'de' }
