"""Sentences of offices in three languages, to set pages whose text is known and makes sense."""

from __future__ import annotations

from typing import Literal

from synthetic.arrays import Random

Language = Literal["zh", "ja", "en"]

_CHINESE = """
本合同自双方签字盖章之日起生效，有效期为三年，期满前一个月内任何一方未提出书面异议的，自动续展一年。
申请人应当在收到通知书之日起十五个工作日内，携带身份证原件及复印件到业务窗口办理领取手续。
经审查，你单位提交的材料齐全，符合法定形式，本机关决定予以受理，受理编号为2024-0817号。
请核对以下信息是否准确无误；如有变更，请于5月31日前以书面形式告知经办人员。
逾期未缴纳的，每日按应缴金额的0.05%加收滞纳金，并依法记入信用档案。
住院期间共发生医疗费用12,846.50元，其中统筹基金支付9,320.75元，个人自付3,525.75元。
甲方委托乙方对位于滨江路128号的办公楼进行装修，工程总价款为人民币叁拾陆万伍仟元整。
根据《中华人民共和国档案法》的有关规定，文书档案的保管期限分为永久、长期和短期三种。
该项目采用公开招标方式，投标文件须于2025年3月18日上午9:30前送达，逾期不予接收。
会议由副主任主持，各科室负责人参加，讨论了下半年的预算安排和人员培训计划。
电子邮件与传真件具有同等法律效力，但原件应在七日内以挂号信寄出。
孩子们沿着河边的小路走回家，远处的山头还留着一点积雪，屋顶上升起了炊烟。
设备安装完毕后，乙方应提供操作手册、合格证、保修卡各一份，并对使用人员进行不少于两天的培训。
本产品请存放于阴凉干燥处，避免阳光直射；开封后冷藏保存，并在七天内食用完毕。
客服热线：400-820-5566（工作日8:30—17:30），网址：www.example.cn，邮箱：service@example.cn。
图书馆新到的一批古籍已完成数字化扫描，读者可以凭借阅证在三楼阅览室查阅。
纳税人识别号、开户银行及账号、地址、电话等项目必须填写完整，字迹清楚，不得涂改。
由于连续降雨，部分路段积水较深，请过往车辆减速慢行，注意行车安全。
"""
_JAPANESE = """
本契約の有効期間は、契約締結の日から三年間とし、期間満了の一か月前までに申し出がない場合は、さらに一年間延長する。
申請書に必要事項を記入のうえ、本人確認書類の写しを添えて、窓口または郵送でご提出ください。
会議は午前10時から第二会議室で行いますので、資料を一部ずつご持参ください。
振込手数料はお客様のご負担となりますので、あらかじめご了承ください。
請求金額は合計128,400円（消費税込み）です。お支払期限は2025年4月30日となっております。
この製品を安全に正しくお使いいただくために、取扱説明書をよくお読みになり、大切に保管してください。
図書館では、毎週土曜日の午後二時から、子ども向けの読み聞かせ会を開いています。
川沿いの細い道を歩いていくと、遠くの山にはまだ雪が残っていて、屋根から煙が上がっていた。
個人情報は、ご本人の同意なしに第三者へ提供することはありません。
お問い合わせは、電話03-1234-5678（平日9:00～17:00）またはメールにて受け付けております。
平成二十八年度の決算報告について、監査役から適正である旨の報告があった。
データのバックアップは、毎日深夜にサーバーで自動的に行われ、三十日間保存されます。
雨のため、本日の運動会は中止し、来週の日曜日に延期することになりました。
住所や氏名に変更があったときは、十四日以内に市役所の窓口で手続きをしてください。
エレベーターの点検を行うため、ご不便をおかけしますが、階段をご利用ください。
新しいコンピューターシステムの導入により、作業時間が約30％短縮される見込みである。
商品の返品・交換は、到着後七日以内に限り、未開封のものについてお受けいたします。
本日はお忙しいところお集まりいただき、まことにありがとうございます。
"""
_ENGLISH = """
This agreement shall remain in force for three years and be renewed for one year unless a party objects.
Applicants should bring the original and one copy of their identity card within fifteen working days.
The total amount due is $12,846.50, of which 70% is payable on delivery and the balance within 30 days.
Please check the details below; if anything has changed, tell the officer in charge before 31 May 2025.
The meeting was chaired by the deputy director, and the heads of all departments took part.
Store in a cool and dry place. Once opened, keep refrigerated and use within seven days.
The children walked home along the river; there was still a little snow on the distant hills.
Any dispute arising out of this contract shall be settled by arbitration in accordance with its rules.
For questions call 0800-555-0142 (Mon-Fri, 9:00 to 17:00) or write to service@example.org.
The equipment comes with an operating manual, a certificate of quality and a warranty card.
"I have never seen anything like it," said the librarian, and closed the old book carefully.
Interest at a rate of 0.05% per day will be charged on any amount that isn't paid by the due date.
Owing to continuous rain, several roads are under water: drive slowly and keep your distance.
Results are given as mean ± standard deviation; differences were considered significant at p < 0.05.
The tenant agrees not to alter, paint or otherwise change the premises without the landlord's prior consent.
Figure 3 shows how the temperature of the water rises over time (see also Table 2 on page 14).
Each sample was weighed twice, dried at 105 °C for 24 hours, and weighed again.
We look forward to hearing from you and remain at your disposal for any further information.
"""
SENTENCES: dict[Language, tuple[str, ...]] = {
    "zh": tuple(_CHINESE.strip().splitlines()),
    "ja": tuple(_JAPANESE.strip().splitlines()),
    "en": tuple(_ENGLISH.strip().splitlines()),
}
LABELS: dict[Language, tuple[str, ...]] = {
    "zh": (
        "姓名",
        "性别",
        "出生日期",
        "身份证号",
        "联系电话",
        "工作单位",
        "开户银行",
        "账号",
        "合计",
        "备注",
        "数量",
        "单价",
    ),
    "ja": (
        "氏名",
        "性別",
        "生年月日",
        "住所",
        "電話番号",
        "勤務先",
        "口座番号",
        "合計",
        "備考",
        "数量",
        "単価",
        "品名",
    ),
    "en": (
        "Name",
        "Date of birth",
        "Identity No.",
        "Telephone",
        "Address",
        "Employer",
        "Bank",
        "Total",
        "Remarks",
    ),
}
"""Words of forms and of the heads of tables."""


def passage(random: Random, language: Language, letters: int) -> str:
    """Return sentences, in a chance order, of about so many letters altogether."""
    gap = " " if language == "en" else ""
    text = ""
    while len(text) < letters:
        text += (gap if text else "") + str(random.choice(SENTENCES[language]))
    return text
